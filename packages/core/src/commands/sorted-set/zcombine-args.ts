/** Arguments of the commands that combine sorted sets: inputs, weights, aggregate, WITHSCORES, LIMIT. */
import { inputKeyNeeded, NEGATIVE_LIMIT, SYNTAX_ERROR, WEIGHT_NOT_A_FLOAT } from "../../base/errors.ts";
import type { Context } from "../../command/context.ts";
import { type MemberSource, openMemberSource } from "../../types/member-source.ts";
import type { Aggregate, Input } from "../../types/zset-combine.ts";
import { longArg, longArgFrom } from "./range-args.ts";

/** Which options a command knows. */
export interface CombineForm {
  readonly hasWeights: boolean;
  readonly hasScores: boolean;
  readonly hasLimit: boolean;
}

export interface CombineArgs {
  readonly inputs: readonly Input[];
  readonly aggregate: Aggregate;
  readonly withScores: boolean;
  /** 0: none. */
  readonly limit: number;
}

function openInput(ctx: Context, i: number): MemberSource | null {
  const entry = ctx.lookupRead(i);
  return entry === null ? null : openMemberSource(ctx.keyspace, entry);
}

export function releaseInputs(inputs: readonly Input[]): void {
  for (const input of inputs) input.source?.release();
}

/** Reads from the number of keys in argument `from` on and opens the inputs, in the order in which Redis finds faults. */
export function readCombineArgs(ctx: Context, from: number, form: CombineForm): CombineArgs {
  const { args } = ctx;
  const count = longArg(ctx, from);
  if (count < 1) throw inputKeyNeeded(ctx.command.fullName);
  if (count > args.count - from - 1) throw SYNTAX_ERROR;
  const first = from + 1;
  const inputs: Input[] = [];
  try {
    for (let i = first; i < first + count; i++) inputs.push({ source: openInput(ctx, i), weight: 1 });
    return readOptions(ctx, first + count, form, inputs);
  } catch (error) {
    releaseInputs(inputs);
    throw error;
  }
}

function readOptions(ctx: Context, from: number, form: CombineForm, inputs: Input[]): CombineArgs {
  const { args } = ctx;
  let aggregate: Aggregate = "sum";
  let withScores = false;
  let limit = 0;
  for (let i = from; i < args.count; i++) {
    const left = args.count - i;
    if (form.hasWeights && left > inputs.length && args.is(i, "weights")) {
      for (const input of inputs) input.weight = args.double(++i, WEIGHT_NOT_A_FLOAT);
    } else if (form.hasWeights && left >= 2 && args.is(i, "aggregate")) aggregate = readAggregate(ctx, ++i);
    else if (form.hasScores && args.is(i, "withscores")) withScores = true;
    else if (form.hasLimit && left >= 2 && args.is(i, "limit")) limit = longArgFrom(ctx, ++i, 0, NEGATIVE_LIMIT);
    else throw SYNTAX_ERROR;
  }
  return { inputs, aggregate, withScores, limit };
}

function readAggregate(ctx: Context, i: number): Aggregate {
  for (const aggregate of ["sum", "min", "max"] as const) if (ctx.args.is(i, aggregate)) return aggregate;
  throw SYNTAX_ERROR;
}
