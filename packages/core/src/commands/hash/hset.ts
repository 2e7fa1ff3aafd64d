/** HSET and its deprecated form HMSET. */

import { wrongArity } from "../../base/errors.ts";
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { editHash } from "./hash-access.ts";

function setFields(ctx: Context): number {
  const { args } = ctx;
  if (args.count % 2 === 1) throw wrongArity(ctx.command.fullName);
  const hash = editHash(ctx);
  let longest = 0;
  for (let i = 2; i < args.count; i++) longest = Math.max(longest, args.length(i));
  hash.prepare((args.count - 2) / 2, longest);
  const b = args.buffer;
  let created = 0;
  for (let i = 2; i < args.count; i += 2) {
    if (hash.set(b, args.start(i), args.end(i), b, args.start(i + 1), args.end(i + 1))) created++;
  }
  hash.finish();
  ctx.notify(NOTIFY.hash, "hset", 1);
  ctx.keyspace.dirty += (args.count - 2) / 2 - 1;
  return created;
}

function handleHset(ctx: Context): void {
  ctx.reply.integer(setFields(ctx));
}

function handleHmset(ctx: Context): void {
  setFields(ctx);
  ctx.reply.ok();
}

export const hset: CommandSpec = {
  name: "HSET",
  group: "hash",
  since: "2.0.0",
  summary: "Sets fields of a hash to values, creating the hash if need be.",
  complexity: "O(1) per field and value.",
  arity: -4,
  flags: ["write", "denyoom", "fast"],
  keys: [keyAt(1, "RW", "update")],
  history: [["4.0.0", "Accepts multiple `field` and `value` arguments."]],
  args: [
    KEY,
    {
      name: "data",
      type: "block",
      flags: ["multiple"],
      args: [
        { name: "field", type: "string" },
        { name: "value", type: "string" },
      ],
    },
  ],
  handler: handleHset,
};

export const hmset: CommandSpec = {
  name: "HMSET",
  group: "hash",
  since: "2.0.0",
  summary: "Sets fields of a hash to values.",
  complexity: "O(N), N being the number of fields.",
  arity: -4,
  flags: ["write", "denyoom", "fast"],
  keys: [keyAt(1, "RW", "update")],
  docFlags: ["deprecated"],
  deprecatedSince: "4.0.0",
  replacedBy: "`HSET` with multiple field-value pairs",
  args: [
    KEY,
    {
      name: "data",
      type: "block",
      flags: ["multiple"],
      args: [
        { name: "field", type: "string" },
        { name: "value", type: "string" },
      ],
    },
  ],
  handler: handleHmset,
};
