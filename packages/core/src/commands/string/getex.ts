/** GETEX: GET that also changes the key's expiry. */

import { SYNTAX_ERROR } from "../../base/errors.ts";
import { KEY, oneOf, optional, token } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { type Entry, NO_EXPIRY, STRING } from "../../types/string.ts";
import { tellExpired } from "../generic/expire.ts";
import { EXPIRY, exactDeadline, expiryWord, isPast, readExpiry } from "./expiry.ts";
import { replyString } from "./reply-string.ts";

function handleGetex(ctx: Context): void {
  const { args } = ctx;
  let expiry: number = EXPIRY.none;
  let timeArg = 0;
  for (let i = 2; i < args.count; i++) {
    const word = expiryWord(ctx, i);
    if (word === EXPIRY.none || word === EXPIRY.keepTtl || (expiry !== EXPIRY.none && expiry !== word)) {
      throw SYNTAX_ERROR;
    }
    expiry = word;
    if (word === EXPIRY.persist) continue;
    timeArg = ++i;
    if (timeArg === args.count) throw SYNTAX_ERROR;
  }
  const entry = ctx.lookupRead(1, STRING);
  if (entry === null) {
    ctx.reply.null();
    return;
  }
  // The time is looked at only now: a missing key hides a wrong one, as in Redis.
  const expireAtMs = timeArg === 0 ? NO_EXPIRY : readExpiry(ctx, timeArg, expiry);
  replyString(ctx, entry);
  if (expiry === EXPIRY.none) return;
  if (ctx.effects !== null) tellExpiry(ctx, expireAtMs, expiry, timeArg);
  changeExpiry(ctx, entry, expireAtMs);
}

function tellExpiry(ctx: Context, expireAtMs: number, expiry: number, timeArg: number): void {
  if (timeArg === 0) ctx.effects?.replace(["PERSIST", ctx.args.bytes(1)]);
  else if (isPast(ctx, expireAtMs)) tellExpired(ctx);
  else ctx.effects?.replace(["PEXPIREAT", ctx.args.bytes(1), exactDeadline(ctx, timeArg, expiry)]);
}

function changeExpiry(ctx: Context, entry: Entry, expireAtMs: number): void {
  const { args, keyspace } = ctx;
  const db = ctx.client.db;
  if (expireAtMs !== NO_EXPIRY && isPast(ctx, expireAtMs)) {
    keyspace.remove(db, args.buffer, args.start(1), args.end(1), entry);
    ctx.notify(NOTIFY.generic, "del", 1);
  } else if (expireAtMs !== NO_EXPIRY || entry.expireAtMs !== NO_EXPIRY) {
    keyspace.setExpiry(db, args.buffer, args.start(1), args.end(1), entry, expireAtMs);
    ctx.notify(NOTIFY.generic, expireAtMs === NO_EXPIRY ? "persist" : "expire", 1);
  }
}

export const getex: CommandSpec = {
  name: "GETEX",
  group: "string",
  since: "6.2.0",
  summary: "Reads the string stored at a key and sets or removes the key's expiry.",
  complexity: "O(1)",
  arity: -2,
  flags: ["write", "fast"],
  keys: [{ ...keyAt(1, "RW", "access", "update"), notes: "RW and UPDATE: it may change the expiry" }],
  // Without options it is GET, and needs no lock.
  accessBy: (_client, args) => (args.count === 2 ? "read" : "write"),
  args: [
    KEY,
    optional(
      oneOf("expiration", [
        { name: "seconds", type: "integer", token: "EX" },
        { name: "milliseconds", type: "integer", token: "PX" },
        { name: "unix-time-seconds", type: "unix-time", token: "EXAT" },
        { name: "unix-time-milliseconds", type: "unix-time", token: "PXAT" },
        token("PERSIST"),
      ]),
    ),
  ],
  handler: handleGetex,
};
