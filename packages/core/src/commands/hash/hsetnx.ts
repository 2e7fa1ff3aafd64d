import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { editHash } from "./hash-access.ts";

function handleHsetnx(ctx: Context): void {
  const { args } = ctx;
  const b = args.buffer;
  const hash = editHash(ctx);
  const isNew = !hash.has(b, args.start(2), args.end(2));
  if (isNew) {
    hash.prepare(1, Math.max(args.length(2), args.length(3)));
    hash.set(b, args.start(2), args.end(2), b, args.start(3), args.end(3));
  }
  hash.finish();
  if (isNew) ctx.notify(NOTIFY.hash, "hset", 1);
  ctx.reply.integer(isNew ? 1 : 0);
}

export const hsetnx: CommandSpec = {
  name: "HSETNX",
  group: "hash",
  since: "2.0.0",
  summary: "Sets a field of a hash unless the field exists.",
  complexity: "O(1)",
  arity: 4,
  flags: ["write", "denyoom", "fast"],
  keys: [keyAt(1, "RW", "insert")],
  args: [KEY, { name: "field", type: "string" }, { name: "value", type: "string" }],
  handler: handleHsetnx,
};
