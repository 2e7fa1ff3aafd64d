/** The expiry of SET, GETEX, SETEX and PSETEX: option words and times. */
import { invalidExpireTime, NOT_AN_INTEGER } from "../../base/errors.ts";
import type { Context } from "../../command/context.ts";

/** Option words about the expiry. They exclude one another, but each may be repeated; those up to `pxat` have a time. */
export const EXPIRY = { none: 0, ex: 1, px: 2, exat: 3, pxat: 4, keepTtl: 5, persist: 6 } as const;

/** The expiry word in argument `i`. */
export function expiryWord(ctx: Context, i: number): number {
  const { args } = ctx;
  switch (args.length(i)) {
    case 2:
      return args.is(i, "ex") ? EXPIRY.ex : args.is(i, "px") ? EXPIRY.px : EXPIRY.none;
    case 4:
      return args.is(i, "exat") ? EXPIRY.exat : args.is(i, "pxat") ? EXPIRY.pxat : EXPIRY.none;
    case 7:
      return args.is(i, "keepttl") ? EXPIRY.keepTtl : args.is(i, "persist") ? EXPIRY.persist : EXPIRY.none;
    default:
      return EXPIRY.none;
  }
}

/** Expiry for the write that follows (see Keyspace.expiryOf), from the time in argument `i`. Throws Redis' errors. */
export function readExpiry(ctx: Context, i: number, word: number): number {
  const inSeconds = word === EXPIRY.ex || word === EXPIRY.exat;
  const from = word === EXPIRY.exat || word === EXPIRY.pxat ? 0 : ctx.nowMs;
  const small = ctx.args.safeInt(i);
  if (small > 0) {
    const at = (inSeconds ? small * 1000 : small) + from;
    if (at <= Number.MAX_SAFE_INTEGER) return at;
  }
  const given = ctx.args.int64(i, NOT_AN_INTEGER);
  const at = (inSeconds ? given * 1000n : given) + BigInt(from);
  if (given <= 0n || at > 0x7fffffffffffffffn) throw invalidExpireTime(ctx.command.fullName);
  return ctx.keyspace.expiryOf(at);
}

/** The time in argument `i`, which `readExpiry` took, as exact unix ms: for effects. */
export function exactDeadline(ctx: Context, i: number, word: number): bigint {
  const given = ctx.args.int64(i);
  const inSeconds = word === EXPIRY.ex || word === EXPIRY.exat;
  const isRelative = word === EXPIRY.ex || word === EXPIRY.px;
  return (inSeconds ? given * 1000n : given) + BigInt(isRelative ? ctx.nowMs : 0);
}

/** True for an expiry that has come: GETEX deletes the key instead of setting it. */
export function isPast(ctx: Context, expireAtMs: number): boolean {
  return expireAtMs <= ctx.nowMs;
}
