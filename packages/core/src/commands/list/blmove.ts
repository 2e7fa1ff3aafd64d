/** BLMOVE and BRPOPLPUSH: LMOVE and RPOPLPUSH that wait for an element. */
import { readTimeout } from "../../command/block-timeout.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { LIST } from "../../types/list.ts";
import { readEnd } from "./list-access.ts";
import { ENDS, moveGeneric } from "./lmove.ts";

/** What was moved lies in the destination: a client that is gone loses nothing. */
function blockingMove(ctx: Context, name: string, fromHead: boolean, toHead: boolean, timeoutMs: number): void {
  // Told by its plain name, without the time to wait.
  ctx.effects?.replaceWords(ctx.args, { 0: name }, ctx.args.count - 1);
  if (ctx.denyBlocking || ctx.lookupWrite(1, LIST) !== null) moveGeneric(ctx, fromHead, toHead);
  else ctx.block({ type: LIST, keys: [1], timeoutMs });
}

export const blmove: CommandSpec = {
  name: "BLMOVE",
  group: "list",
  since: "6.2.0",
  summary: "Moves an element from an end of one list to an end of another, waiting until there is one.",
  complexity: "O(1)",
  arity: 6,
  flags: ["write", "denyoom", "blocking"],
  keys: [keyAt(1, "RW", "access", "delete"), keyAt(2, "RW", "insert")],
  args: [
    { name: "source", type: "key", keySpecIndex: 0 },
    { name: "destination", type: "key", keySpecIndex: 1 },
    { name: "wherefrom", type: "oneof", args: ENDS },
    { name: "whereto", type: "oneof", args: ENDS },
    { name: "timeout", type: "double" },
  ],
  handler: (ctx) => {
    const fromHead = readEnd(ctx, 3);
    const toHead = readEnd(ctx, 4);
    blockingMove(ctx, "LMOVE", fromHead, toHead, readTimeout(ctx, 5));
  },
};

export const brpoplpush: CommandSpec = {
  name: "BRPOPLPUSH",
  group: "list",
  since: "2.2.0",
  summary: "Moves the last element of one list to the head of another, waiting until there is one.",
  complexity: "O(1)",
  arity: 4,
  flags: ["write", "denyoom", "blocking"],
  keys: [keyAt(1, "RW", "access", "delete"), keyAt(2, "RW", "insert")],
  docFlags: ["deprecated"],
  deprecatedSince: "6.2.0",
  replacedBy: "`BLMOVE` with the `RIGHT` and `LEFT` arguments",
  history: [["6.0.0", "`timeout` is interpreted as a double instead of an integer."]],
  args: [
    { name: "source", type: "key", keySpecIndex: 0 },
    { name: "destination", type: "key", keySpecIndex: 1 },
    { name: "timeout", type: "double" },
  ],
  handler: (ctx) => blockingMove(ctx, "RPOPLPUSH", false, true, readTimeout(ctx, 3)),
};
