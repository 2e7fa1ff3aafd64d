/** LLEN, LINDEX and LRANGE. */
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { LIST, listLength } from "../../types/list.ts";
import { clampRange, readList, replyElement } from "./list-access.ts";

function handleLlen(ctx: Context): void {
  const entry = ctx.lookupRead(1, LIST);
  ctx.reply.integer(entry === null ? 0 : listLength(ctx.keyspace, entry));
}

function handleLindex(ctx: Context): void {
  // Redis looks at the key's type before the number.
  const list = readList(ctx, 1);
  if (list === null) {
    ctx.reply.null();
    return;
  }
  const index = ctx.args.clampedInt(2);
  const at = index < 0 ? index + list.length : index;
  if (at >= 0 && list.seek(at)) replyElement(ctx, list);
  else ctx.reply.null();
  list.release();
}

function handleLrange(ctx: Context): void {
  const { args, reply } = ctx;
  const start = args.clampedInt(2);
  const stop = args.clampedInt(3);
  const list = readList(ctx, 1);
  if (list === null) {
    reply.arrayHeader(0);
    return;
  }
  const { from, count } = clampRange(start, stop, list.length);
  reply.arrayHeader(count);
  let found = count > 0 && list.seek(from);
  for (let i = 0; i < count && found; i++, found = list.next()) replyElement(ctx, list);
  list.release();
}

export const llen: CommandSpec = {
  name: "LLEN",
  group: "list",
  since: "1.0.0",
  summary: "Counts the elements of a list.",
  complexity: "O(1)",
  arity: 2,
  flags: ["readonly", "fast"],
  keys: [keyAt(1, "RO")],
  args: [KEY],
  handler: handleLlen,
};

export const lindex: CommandSpec = {
  name: "LINDEX",
  group: "list",
  since: "1.0.0",
  summary: "Reads the element at an index of a list.",
  complexity: "O(log N) where N is the length of the list.",
  arity: 3,
  flags: ["readonly"],
  keys: [keyAt(1, "RO", "access")],
  args: [KEY, { name: "index", type: "integer" }],
  handler: handleLindex,
};

export const lrange: CommandSpec = {
  name: "LRANGE",
  group: "list",
  since: "1.0.0",
  summary: "Reads a range of a list.",
  complexity: "O(log N + M) where N is the length of the list and M the number of elements in the range.",
  arity: 4,
  flags: ["readonly"],
  keys: [keyAt(1, "RO", "access")],
  args: [KEY, { name: "start", type: "integer" }, { name: "stop", type: "integer" }],
  handler: handleLrange,
};
