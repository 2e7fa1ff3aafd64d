/** LMOVE and RPOPLPUSH, and the body of BLMOVE and BRPOPLPUSH. */
import { parseInt64 } from "../../base/numbers.ts";
import { token } from "../../command/arg-grammar.ts";
import { type ArgSpec, type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { LIST, List } from "../../types/list.ts";
import { findList, limitsOf, readEnd, replyElement, saveList } from "./list-access.ts";

/** Moves one element from an end of list 1 to an end of list 2, which may be the same. */
export function moveGeneric(ctx: Context, fromHead: boolean, toHead: boolean): void {
  const { args } = ctx;
  const source = findList(ctx, 1);
  if (source === null) {
    ctx.reply.null();
    return;
  }
  const isSame = args.bytes(1).equals(args.bytes(2));
  const limits = limitsOf(ctx);
  source.seek(fromHead ? 0 : source.length - 1);
  source.read();
  const element = Buffer.from(source.buffer.subarray(source.start, source.end));
  if (!isSame) {
    // The destination's type is checked before anything is written.
    ctx.lookupWrite(2, LIST);
  }
  replyElement(ctx, source);
  source.remove();
  if (isSame) {
    source.convertGrowing(limits, 1, plainBytes(element));
    source.push(toHead, element, 0, element.length);
    source.convertShrunk(limits);
    saveList(ctx, 1, source);
    ctx.notify(NOTIFY.list, toHead ? "lpush" : "rpush", 2);
    ctx.notify(NOTIFY.list, fromHead ? "lpop" : "rpop", 1);
    return;
  }
  source.convertShrunk(limits);
  saveList(ctx, 1, source);
  ctx.keyspace.forgetRow();
  const target = new List(ctx.keyspace, ctx.lookupWrite(2, LIST));
  target.convertGrowing(limits, 1, plainBytes(element));
  target.push(toHead, element, 0, element.length);
  saveList(ctx, 2, target);
  // Two keys, but one change, as Redis counts.
  ctx.keyspace.dirty--;
  ctx.notify(NOTIFY.list, toHead ? "lpush" : "rpush", 2);
  ctx.notifyRemoved(NOTIFY.list, fromHead ? "lpop" : "rpop", 1, source.length === 0);
}

/** What an element on its way counts for the destination's limit: Redis holds an integer as a number, and counts nothing. */
function plainBytes(element: Buffer): number {
  return parseInt64(element, 0, element.length) === null ? element.length : 0;
}

export const ENDS: readonly ArgSpec[] = [token("LEFT"), token("RIGHT")];

export const lmove: CommandSpec = {
  name: "LMOVE",
  group: "list",
  since: "6.2.0",
  summary: "Moves an element from an end of one list to an end of another, or of the same.",
  complexity: "O(1)",
  arity: 5,
  flags: ["write", "denyoom"],
  keys: [keyAt(1, "RW", "access", "delete"), keyAt(2, "RW", "insert")],
  args: [
    { name: "source", type: "key", keySpecIndex: 0 },
    { name: "destination", type: "key", keySpecIndex: 1 },
    { name: "wherefrom", type: "oneof", args: ENDS },
    { name: "whereto", type: "oneof", args: ENDS },
  ],
  handler: (ctx) => {
    const fromHead = readEnd(ctx, 3);
    moveGeneric(ctx, fromHead, readEnd(ctx, 4));
  },
};

export const rpoplpush: CommandSpec = {
  name: "RPOPLPUSH",
  group: "list",
  since: "1.2.0",
  summary: "Moves the last element of one list to the head of another, or of the same.",
  complexity: "O(1)",
  arity: 3,
  flags: ["write", "denyoom"],
  keys: [keyAt(1, "RW", "access", "delete"), keyAt(2, "RW", "insert")],
  docFlags: ["deprecated"],
  deprecatedSince: "6.2.0",
  replacedBy: "`LMOVE` with the `RIGHT` and `LEFT` arguments",
  args: [
    { name: "source", type: "key", keySpecIndex: 0 },
    { name: "destination", type: "key", keySpecIndex: 1 },
  ],
  handler: (ctx) => moveGeneric(ctx, false, true),
};
