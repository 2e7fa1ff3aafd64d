/** SET with all its options, and SETNX (Redis 7.2's setGenericCommand). */

import { SYNTAX_ERROR } from "../../base/errors.ts";
import { KEY, oneOf, optional, token } from "../../command/arg-grammar.ts";
import { type CommandSpec, type KeyReference, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import type { Effects, Word } from "../../command/effects.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import type { Args } from "../../resp/args.ts";
import { type Entry, NO_EXPIRY, STRING, setString } from "../../types/string.ts";
import { EXPIRY, exactDeadline, expiryWord, readExpiry } from "./expiry.ts";
import { replyString } from "./reply-string.ts";

/** Stores argument `valueArg` at the key in argument 1, for which `old` was just found. */
export function setValue(ctx: Context, old: Entry | null, valueArg: number, expireAtMs: number): void {
  const { args } = ctx;
  const b = args.buffer;
  const db = ctx.client.db;
  setString(
    ctx.keyspace,
    db,
    b,
    args.start(1),
    args.end(1),
    old,
    b,
    args.start(valueArg),
    args.end(valueArg),
    expireAtMs,
  );
}

function handleSet(ctx: Context): void {
  if (ctx.args.count > 3) {
    setWithOptions(ctx);
    return;
  }
  setValue(ctx, ctx.lookupWrite(1), 2, NO_EXPIRY);
  ctx.notify(NOTIFY.string, "set", 1);
  ctx.reply.ok();
}

function setWithOptions(ctx: Context): void {
  const { args, reply } = ctx;
  let nx = false;
  let xx = false;
  let get = false;
  let expiry: number = EXPIRY.none;
  let timeArg = 0;
  for (let i = 3; i < args.count; i++) {
    const word = expiryWord(ctx, i);
    if (word !== EXPIRY.none && word !== EXPIRY.persist && (expiry === EXPIRY.none || expiry === word)) {
      expiry = word;
      if (word === EXPIRY.keepTtl) continue;
      timeArg = ++i;
      if (timeArg === args.count) throw SYNTAX_ERROR;
    } else if (args.is(i, "nx") && !xx) nx = true;
    else if (args.is(i, "xx") && !nx) xx = true;
    else if (args.is(i, "get")) get = true;
    else throw SYNTAX_ERROR;
  }
  const expireAtMs = timeArg === 0 ? NO_EXPIRY : readExpiry(ctx, timeArg, expiry);
  // With GET the lookup is a read first: it counts a hit or a miss, and another type is refused.
  const old = get ? ctx.lookupReplaced(1, STRING) : ctx.lookupWrite(1);
  if (get) {
    if (old === null) reply.null();
    else replyString(ctx, old);
  }
  if ((nx && old !== null) || (xx && old === null)) {
    if (!get) reply.null();
    return;
  }
  if (ctx.effects !== null) tellSet(ctx, ctx.effects, get, expiry, timeArg);
  setValue(ctx, old, 2, expiry === EXPIRY.keepTtl && old !== null ? old.expireAtMs : expireAtMs);
  ctx.notify(NOTIFY.string, "set", 1);
  if (timeArg !== 0) ctx.notify(NOTIFY.generic, "expire", 1);
  if (!get) reply.ok();
}

/** Any time is told as a time of the clock; that a value was replied is of no interest. */
function tellSet(ctx: Context, effects: Effects, get: boolean, expiry: number, timeArg: number): void {
  const { args } = ctx;
  if (timeArg !== 0) {
    // As in Redis, SET PXAT is told as it is, with its conditions.
    if (expiry !== EXPIRY.pxat) tellSetAt(ctx, 2, exactDeadline(ctx, timeArg, expiry));
    return;
  }
  if (!get) return;
  const words: Word[] = [];
  for (let i = 0; i < args.count; i++) if (i < 3 || !args.is(i, "get")) words.push(args.bytes(i));
  effects.replace(words);
}

/** Tells the op log that the key in argument 1 was set to argument `valueArg` with an expiry, unix ms. */
export function tellSetAt(ctx: Context, valueArg: number, deadline: bigint): void {
  const { args } = ctx;
  ctx.effects?.replace(["SET", args.bytes(1), args.bytes(valueArg), "PXAT", deadline]);
}

function handleSetnx(ctx: Context): void {
  const old = ctx.lookupWrite(1);
  if (old === null) {
    setValue(ctx, null, 2, NO_EXPIRY);
    ctx.notify(NOTIFY.string, "set", 1);
  }
  ctx.reply.integer(old === null ? 1 : 0);
}

/** GET makes it a command that also reads. */
function keysOf(args: Args): KeyReference[] {
  let reads = false;
  for (let i = 3; i < args.count; i++) if (args.is(i, "get")) reads = true;
  return [{ index: 1, flags: reads ? ["RW", "access", "update"] : ["OW", "update"] }];
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
    { ...keyAt(1, "RW", "access", "update", "variable_flags"), notes: "RW and ACCESS because of the optional GET" },
  ],
  keysBy: keysOf,
  history: [
    ["2.6.12", "Added the `EX`, `PX`, `NX` and `XX` options."],
    ["6.0.0", "Added the `KEEPTTL` option."],
    ["6.2.0", "Added the `GET`, `EXAT` and `PXAT` option."],
    ["7.0.0", "Allowed the `NX` and `GET` options to be used together."],
  ],
  args: [
    KEY,
    { name: "value", type: "string" },
    {
      name: "condition",
      type: "oneof",
      since: "2.6.12",
      flags: ["optional"],
      args: [token("NX"), token("XX")],
    },
    { name: "get", type: "pure-token", token: "GET", since: "6.2.0", flags: ["optional"] },
    optional(
      oneOf("expiration", [
        { name: "seconds", type: "integer", token: "EX", since: "2.6.12" },
        { name: "milliseconds", type: "integer", token: "PX", since: "2.6.12" },
        { name: "unix-time-seconds", type: "unix-time", token: "EXAT", since: "6.2.0" },
        { name: "unix-time-milliseconds", type: "unix-time", token: "PXAT", since: "6.2.0" },
        { name: "keepttl", type: "pure-token", token: "KEEPTTL", since: "6.0.0" },
      ]),
    ),
  ],
  handler: handleSet,
};

export const setnx: CommandSpec = {
  name: "SETNX",
  group: "string",
  since: "1.0.0",
  summary: "Stores a string at a key that does not exist yet.",
  complexity: "O(1)",
  arity: 3,
  flags: ["write", "denyoom", "fast"],
  keys: [keyAt(1, "OW", "insert")],
  docFlags: ["deprecated"],
  deprecatedSince: "2.6.12",
  replacedBy: "`SET` with the `NX` argument",
  args: [KEY, { name: "value", type: "string" }],
  handler: handleSetnx,
};
