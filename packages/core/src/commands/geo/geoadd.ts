import { SYNTAX_ERROR } from "../../base/errors.ts";
import { KEY, token } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import type { Effects, Word } from "../../command/effects.ts";
import { placeScore } from "../../types/geo-hash.ts";
import { ZADD_FLAG } from "../../types/zset-add.ts";
import { CHANGED_FLAG, zaddMembers } from "../sorted-set/zadd.ts";
import { readPlace } from "./geo-args.ts";

function handleGeoadd(ctx: Context): void {
  const { args } = ctx;
  let flags = 0;
  let first = 2;
  for (; first < args.count; first++) {
    if (args.is(first, "nx")) flags |= ZADD_FLAG.nx;
    else if (args.is(first, "xx")) flags |= ZADD_FLAG.xx;
    else if (args.is(first, "ch")) flags |= CHANGED_FLAG;
    else break;
  }
  const words = args.count - first;
  const bothFlags = ZADD_FLAG.nx | ZADD_FLAG.xx;
  if (words % 3 !== 0 || (flags & bothFlags) === bothFlags) throw SYNTAX_ERROR;
  const scores: number[] = [];
  for (let i = first; i < args.count; i += 3) scores.push(placeScore(readPlace(ctx, i)));
  if (scores.length === 0) throw SYNTAX_ERROR;
  if (ctx.effects !== null) tellScores(ctx, ctx.effects, first, scores);
  zaddMembers(ctx, flags, first, 3, scores);
}

/** As the ZADD that it is: floats are not the same everywhere. */
function tellScores(ctx: Context, effects: Effects, first: number, scores: readonly number[]): void {
  const { args } = ctx;
  const words: Word[] = ["zadd"];
  for (let i = 1; i < first; i++) words.push(args.bytes(i));
  scores.forEach((score, n) => {
    words.push(score, args.bytes(first + 3 * n + 2));
  });
  effects.replace(words);
}

export const geoadd: CommandSpec = {
  name: "GEOADD",
  group: "geo",
  since: "3.2.0",
  summary: "Adds places to a sorted set, the scores being their hashes.",
  complexity: "O(log(N)) for each place, N being the number of members.",
  arity: -5,
  flags: ["write", "denyoom"],
  keys: [keyAt(1, "RW", "update")],
  history: [["6.2.0", "Added the `CH`, `NX` and `XX` options."]],
  args: [
    KEY,
    {
      name: "condition",
      type: "oneof",
      since: "6.2.0",
      flags: ["optional"],
      args: [token("NX"), token("XX")],
    },
    { name: "change", type: "pure-token", token: "CH", since: "6.2.0", flags: ["optional"] },
    {
      name: "data",
      type: "block",
      flags: ["multiple"],
      args: [
        { name: "longitude", type: "double" },
        { name: "latitude", type: "double" },
        { name: "member", type: "string" },
      ],
    },
  ],
  handler: handleGeoadd,
};
