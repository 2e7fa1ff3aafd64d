/** The bodies of Z{UNION,INTER,DIFF} and their STORE forms: one replies what was combined, the other stores it. */
import type { Context } from "../../command/context.ts";
import type { Combined } from "../../types/combined.ts";
import { combinedZset } from "../../types/zset-combine.ts";
import { membersHeader, replyMember } from "./reply-members.ts";
import { storeZset } from "./store-zset.ts";
import { type CombineArgs, type CombineForm, readCombineArgs, releaseInputs } from "./zcombine-args.ts";
import { zsetLimits } from "./zset-limits.ts";

/** Combines the inputs; the result need not be in order. */
export type Combine = (args: CombineArgs) => Combined;

function combine(ctx: Context, from: number, form: CombineForm, body: Combine): [CombineArgs, Combined] {
  const args = readCombineArgs(ctx, from, form);
  try {
    return [args, body(args)];
  } finally {
    releaseInputs(args.inputs);
    ctx.keyspace.forgetRow();
  }
}

export function replyCombined(ctx: Context, hasWeights: boolean, body: Combine): void {
  const [{ withScores }, members] = combine(ctx, 1, { hasWeights, hasScores: true, hasLimit: false }, body);
  membersHeader(ctx, members.length, withScores);
  for (const i of members.inOrder()) {
    replyMember(ctx, members.bytes, members.start(i), members.end(i), members.score(i), withScores);
  }
}

export function storeCombined(ctx: Context, hasWeights: boolean, body: Combine): void {
  const [, members] = combine(ctx, 2, { hasWeights, hasScores: false, hasLimit: false }, body);
  storeZset(ctx, 1, combinedZset(ctx.keyspace, zsetLimits(ctx), members), ctx.command.fullName);
}
