/** LMPOP: takes elements off the first list that has any. */
import { COUNT_NOT_POSITIVE, NUMKEYS_NOT_POSITIVE, SYNTAX_ERROR } from "../../base/errors.ts";
import { type CommandSpec, keyNum } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { findList, readEnd, replyPopped } from "./list-access.ts";

interface Pop {
  readonly numKeys: number;
  readonly head: boolean;
  readonly count: number;
}

function readPop(ctx: Context): Pop {
  const { args } = ctx;
  const numKeys = args.countOrMax(1, NUMKEYS_NOT_POSITIVE, 1);
  const where = numKeys + 2;
  if (where >= args.count) throw SYNTAX_ERROR;
  const head = readEnd(ctx, where);
  if (where + 1 === args.count) return { numKeys, head, count: 1 };
  if (!args.is(where + 1, "count") || where + 2 >= args.count) throw SYNTAX_ERROR;
  const count = args.countOrMax(where + 2, COUNT_NOT_POSITIVE, 1);
  if (where + 3 !== args.count) throw SYNTAX_ERROR;
  return { numKeys, head, count };
}

function handleLmpop(ctx: Context): void {
  const { args, reply } = ctx;
  const { numKeys, head, count } = readPop(ctx);
  for (let i = 2; i < 2 + numKeys; i++) {
    const list = findList(ctx, i);
    if (list === null) continue;
    reply.arrayHeader(2);
    reply.bulk(args.bytes(i));
    replyPopped(ctx, args.buffer, args.start(i), args.end(i), list, head, count);
    return;
  }
  reply.nullArray();
}

export const lmpop: CommandSpec = {
  name: "LMPOP",
  group: "list",
  since: "7.0.0",
  summary: "Takes elements off an end of the first list that is not empty.",
  complexity: "O(N+M) where N is the number of provided keys and M is the number of elements returned.",
  arity: -4,
  flags: ["write"],
  keys: [keyNum(1, "RW", "access", "delete")],
  args: [
    { name: "numkeys", type: "integer" },
    { name: "key", type: "key", keySpecIndex: 0, flags: ["multiple"] },
    {
      name: "where",
      type: "oneof",
      args: [
        { name: "left", type: "pure-token", token: "LEFT" },
        { name: "right", type: "pure-token", token: "RIGHT" },
      ],
    },
    { name: "count", type: "integer", token: "COUNT", flags: ["optional"] },
  ],
  handler: handleLmpop,
};
