/** MSET and MSETNX. */

import { wrongArity } from "../../base/errors.ts";
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyRange } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { NO_EXPIRY, setString } from "../../types/string.ts";

function setPairs(ctx: Context): void {
  const { args, keyspace } = ctx;
  const db = ctx.client.db;
  const b = args.buffer;
  for (let i = 1; i < args.count; i += 2) {
    const old = ctx.lookupWrite(i);
    const v = i + 1;
    setString(keyspace, db, b, args.start(i), args.end(i), old, b, args.start(v), args.end(v), NO_EXPIRY);
    ctx.notify(NOTIFY.string, "set", i);
  }
}

function handleMset(ctx: Context): void {
  if (ctx.args.count % 2 === 0) throw wrongArity(ctx.command.fullName);
  setPairs(ctx);
  ctx.reply.ok();
}

function handleMsetnx(ctx: Context): void {
  const { args, reply } = ctx;
  if (args.count % 2 === 0) throw wrongArity(ctx.command.fullName);
  for (let i = 1; i < args.count; i += 2) {
    if (ctx.lookupWrite(i) !== null) {
      reply.integer(0);
      return;
    }
  }
  setPairs(ctx);
  reply.integer(1);
}

export const mset: CommandSpec = {
  name: "MSET",
  group: "string",
  since: "1.0.1",
  summary: "Stores strings at several keys, all at one moment.",
  complexity: "O(N), N: the keys",
  arity: -3,
  flags: ["write", "denyoom"],
  keys: [keyRange(1, -1, 2, "OW", "update")],
  tips: ["request_policy:multi_shard", "response_policy:all_succeeded"],
  args: [
    {
      name: "data",
      type: "block",
      flags: ["multiple"],
      args: [KEY, { name: "value", type: "string" }],
    },
  ],
  handler: handleMset,
};

export const msetnx: CommandSpec = {
  name: "MSETNX",
  group: "string",
  since: "1.0.1",
  summary: "Stores strings at several keys, all at one moment, unless one of the keys exists.",
  complexity: "O(N), N: the keys",
  arity: -3,
  flags: ["write", "denyoom"],
  keys: [keyRange(1, -1, 2, "OW", "insert")],
  args: [
    {
      name: "data",
      type: "block",
      flags: ["multiple"],
      args: [KEY, { name: "value", type: "string" }],
    },
  ],
  handler: handleMsetnx,
};
