/** SET with all its options (Redis 7.2's setGenericCommand). */
import { invalidExpireTime, NOT_AN_INTEGER, SYNTAX_ERROR } from "../../base/errors.ts";
import { TYPE_ID } from "../../codec/format.ts";
import { NO_EXPIRY } from "../../codec/record.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { replyString, setString } from "../../types/string.ts";

interface SetOptions {
  nx: boolean;
  xx: boolean;
  get: boolean;
  keepTtl: boolean;
  /** Index of the expiry's argument, 0 when there is none. */
  expireArg: number;
  inSeconds: boolean;
  absolute: boolean;
}

function readOptions(ctx: Context): SetOptions {
  const { args } = ctx;
  const options: SetOptions = {
    nx: false,
    xx: false,
    get: false,
    keepTtl: false,
    expireArg: 0,
    inSeconds: false,
    absolute: false,
  };
  for (let i = 3; i < args.count; i++) {
    const last = i === args.count - 1;
    const expiryFree = !options.keepTtl && options.expireArg === 0;
    if (args.is(i, "nx") && !options.xx) options.nx = true;
    else if (args.is(i, "xx") && !options.nx) options.xx = true;
    else if (args.is(i, "get")) options.get = true;
    else if (args.is(i, "keepttl") && options.expireArg === 0) options.keepTtl = true;
    else if (!last && expiryFree && isExpiryWord(ctx, i)) {
      options.inSeconds = args.is(i, "ex") || args.is(i, "exat");
      options.absolute = args.length(i) === 4;
      options.expireArg = ++i;
    } else throw SYNTAX_ERROR;
  }
  return options;
}

function isExpiryWord(ctx: Context, i: number): boolean {
  const { args } = ctx;
  return args.is(i, "ex") || args.is(i, "px") || args.is(i, "exat") || args.is(i, "pxat");
}

/** Expiry in unix ms from argument `i`; `nowMs` is added unless the time is absolute. Throws Redis' errors. */
export function readExpiry(ctx: Context, i: number, inSeconds: boolean, absolute: boolean): number {
  const given = ctx.args.int64(i, NOT_AN_INTEGER);
  if (given <= 0n) throw invalidExpireTime(ctx.command.fullName);
  const ms = inSeconds ? given * 1000n : given;
  const at = absolute ? ms : ms + BigInt(ctx.nowMs);
  if (at > 0x7fffffffffffffffn) throw invalidExpireTime(ctx.command.fullName);
  return Number(at);
}

function handleSet(ctx: Context): void {
  const { args, keyspace, reply } = ctx;
  if (args.count === 3) {
    const old = ctx.lookupWrite(1);
    const b = args.buffer;
    setString(keyspace, ctx.client.db, b, args.start(1), args.end(1), old, b, args.start(2), args.end(2), NO_EXPIRY);
    reply.ok();
    return;
  }
  const options = readOptions(ctx);
  const expireAtMs =
    options.expireArg === 0 ? NO_EXPIRY : readExpiry(ctx, options.expireArg, options.inSeconds, options.absolute);
  const old = ctx.lookupWrite(1, options.get ? TYPE_ID.string : 0);
  if (options.get) {
    if (old === null) reply.null();
    else replyString(keyspace, reply, old);
  }
  if ((options.nx && old !== null) || (options.xx && old === null)) {
    if (!options.get) reply.null();
    return;
  }
  const b = args.buffer;
  const keep = options.keepTtl && old !== null ? old.expireAtMs : expireAtMs;
  setString(keyspace, ctx.client.db, b, args.start(1), args.end(1), old, b, args.start(2), args.end(2), keep);
  if (!options.get) reply.ok();
}

export const set: CommandSpec = {
  name: "SET",
  group: "string",
  since: "1.0.0",
  summary: "Stores a string at a key, replacing whatever was there and its expiry unless told otherwise.",
  complexity: "O(1)",
  arity: -3,
  flags: ["write", "denyoom"],
  keys: [
    {
      ...keyAt(1, "RW", "access", "update", "variable_flags"),
      notes: "RW and ACCESS because of the optional GET",
    },
  ],
  history: [
    ["2.6.12", "Added the `EX`, `PX`, `NX` and `XX` options."],
    ["6.0.0", "Added the `KEEPTTL` option."],
    ["6.2.0", "Added the `GET`, `EXAT` and `PXAT` option."],
    ["7.0.0", "Allowed the `NX` and `GET` options to be used together."],
  ],
  args: [
    { name: "key", type: "key", keySpecIndex: 0 },
    { name: "value", type: "string" },
    {
      name: "condition",
      type: "oneof",
      since: "2.6.12",
      flags: ["optional"],
      args: [
        { name: "nx", type: "pure-token", token: "NX" },
        { name: "xx", type: "pure-token", token: "XX" },
      ],
    },
    { name: "get", type: "pure-token", token: "GET", since: "6.2.0", flags: ["optional"] },
    {
      name: "expiration",
      type: "oneof",
      flags: ["optional"],
      args: [
        { name: "seconds", type: "integer", token: "EX", since: "2.6.12" },
        { name: "milliseconds", type: "integer", token: "PX", since: "2.6.12" },
        { name: "unix-time-seconds", type: "unix-time", token: "EXAT", since: "6.2.0" },
        { name: "unix-time-milliseconds", type: "unix-time", token: "PXAT", since: "6.2.0" },
        { name: "keepttl", type: "pure-token", token: "KEEPTTL", since: "6.0.0" },
      ],
    },
  ],
  handler: handleSet,
};
