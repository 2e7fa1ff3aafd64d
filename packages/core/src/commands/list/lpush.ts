/** LPUSH, RPUSH, LPUSHX and RPUSHX. */
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { LIST, List } from "../../types/list.ts";
import { limitsOf, saveList } from "./list-access.ts";

function pushGeneric(ctx: Context, atHead: boolean, onlyExisting: boolean): void {
  const { args } = ctx;
  const entry = ctx.lookupWrite(1, LIST);
  if (entry === null && onlyExisting) {
    ctx.reply.integer(0);
    return;
  }
  const list = new List(ctx.keyspace, entry);
  let bytes = 0;
  for (let i = 2; i < args.count; i++) bytes += args.length(i);
  list.convertGrowing(limitsOf(ctx), args.count - 2, bytes);
  for (let i = 2; i < args.count; i++) list.push(atHead, args.buffer, args.start(i), args.end(i));
  const { length } = list;
  saveList(ctx, 1, list);
  ctx.notify(NOTIFY.list, atHead ? "lpush" : "rpush", 1);
  ctx.keyspace.dirty += args.count - 3;
  ctx.reply.integer(length);
}

function pushSpec(
  name: string,
  since: string,
  multipleSince: string,
  summary: string,
  handler: CommandSpec["handler"],
): CommandSpec {
  return {
    name,
    group: "list",
    since,
    summary,
    complexity:
      "O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.",
    arity: -3,
    flags: ["write", "denyoom", "fast"],
    keys: [keyAt(1, "RW", "insert")],
    history: [[multipleSince, "Accepts multiple `element` arguments."]],
    args: [KEY, { name: "element", type: "string", flags: ["multiple"] }],
    handler,
  };
}

export const lpush = pushSpec(
  "LPUSH",
  "1.0.0",
  "2.4.0",
  "Adds elements at the head of a list, made if it is missing.",
  (ctx) => pushGeneric(ctx, true, false),
);
export const rpush = pushSpec(
  "RPUSH",
  "1.0.0",
  "2.4.0",
  "Adds elements at the tail of a list, made if it is missing.",
  (ctx) => pushGeneric(ctx, false, false),
);
export const lpushx = pushSpec("LPUSHX", "2.2.0", "4.0.0", "Adds elements at the head of a list if it exists.", (ctx) =>
  pushGeneric(ctx, true, true),
);
export const rpushx = pushSpec("RPUSHX", "2.2.0", "4.0.0", "Adds elements at the tail of a list if it exists.", (ctx) =>
  pushGeneric(ctx, false, true),
);
