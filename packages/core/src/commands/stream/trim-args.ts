/** The options that XADD and XTRIM share: MAXLEN, MINID and LIMIT (streamParseAddOrTrimArgsOrReply). */

import {
  LIMIT_WITHOUT_APPROXIMATION,
  LIMIT_WITHOUT_STRATEGY,
  MAXLEN_AND_MINID,
  NOT_AN_INTEGER,
  SYNTAX_ERROR,
  TRIM_LIMIT_NEGATIVE,
  TRIM_MAXLEN_NEGATIVE,
  TRIM_WITHOUT_STRATEGY,
} from "../../base/errors.ts";
import { oneOf, optional, token } from "../../command/arg-grammar.ts";
import type { ArgSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import type { Word } from "../../command/effects.ts";
import type { Stream } from "../../types/stream.ts";
import { StreamId } from "../../types/stream-id.ts";
import { readId, readNewId } from "./stream-access.ts";

/** Nodes that approximate trimming without LIMIT removes at most, and the bounds of the entries in them. */
const TRIMMED_NODES = 100;
const DEFAULT_LIMIT = 10000;
const HIGHEST_LIMIT = 1000000;

export interface Trimming {
  readonly maxLength: number;
  /** Null: by length. */
  readonly minId: StreamId | null;
  readonly approximate: boolean;
  /** 0: no limit. */
  readonly limit: number;
  /** The argument of the length or the ID; and of LIMIT's count, 0 when it is not given. */
  readonly thresholdAt: number;
  readonly limitAt: number;
}

export interface AddOrTrimArgs {
  readonly trimming: Trimming | null;
  readonly noMkstream: boolean;
  /** Where XADD's ID is; the number of arguments when there is none. */
  readonly idAt: number;
  /** Null: `*`. */
  readonly id: StreamId | null;
  readonly hasSequence: boolean;
}

/** Reads the arguments behind the key, for XADD up to the ID. */
export function readAddOrTrimArgs(ctx: Context, isAdd: boolean): AddOrTrimArgs {
  const { args } = ctx;
  let strategy: "none" | "maxlen" | "minid" = "none";
  let maxLength = 0;
  let minId: StreamId | null = null;
  let approximate = false;
  let limit = 0;
  let thresholdAt = 0;
  let limitAt = 0;
  let noMkstream = false;
  let id: StreamId | null = null;
  let hasSequence = false;
  let i = 2;
  for (; i < args.count; i++) {
    const hasMore = i + 1 < args.count;
    if (isAdd && args.is(i, "*")) break;
    const isMaxlen = args.is(i, "maxlen");
    if (hasMore && (isMaxlen || args.is(i, "minid"))) {
      if (strategy !== "none") throw MAXLEN_AND_MINID;
      approximate = i + 2 < args.count && args.is(i + 1, "~");
      if (approximate || (i + 2 < args.count && args.is(i + 1, "="))) i++;
      i++;
      if (isMaxlen) maxLength = readCount(ctx, i, TRIM_MAXLEN_NEGATIVE);
      else minId = readId(ctx, i);
      thresholdAt = i;
      strategy = isMaxlen ? "maxlen" : "minid";
    } else if (hasMore && args.is(i, "limit")) {
      i++;
      limit = readCount(ctx, i, TRIM_LIMIT_NEGATIVE);
      limitAt = i;
    } else if (isAdd && args.is(i, "nomkstream")) noMkstream = true;
    else if (isAdd) {
      ({ id, hasSequence } = readNewId(ctx, i));
      break;
    } else throw SYNTAX_ERROR;
  }
  if (limit > 0 && strategy === "none") throw LIMIT_WITHOUT_STRATEGY;
  if (!isAdd && strategy === "none") throw TRIM_WITHOUT_STRATEGY;
  if (limitAt > 0 && !approximate) throw LIMIT_WITHOUT_APPROXIMATION;
  if (limitAt === 0 && approximate) limit = defaultLimit(ctx);
  const trimming = strategy === "none" ? null : { maxLength, minId, approximate, limit, thresholdAt, limitAt };
  return { trimming, noMkstream, idAt: i, id, hasSequence };
}

function readCount(ctx: Context, i: number, negative: Error): number {
  const n = ctx.args.clampedInt(i, NOT_AN_INTEGER);
  if (n < 0) throw negative;
  return n;
}

function defaultLimit(ctx: Context): number {
  const limit = TRIMMED_NODES * ctx.server.config.number("stream-node-max-entries");
  return limit <= 0 ? DEFAULT_LIMIT : Math.min(limit, HIGHEST_LIMIT);
}

/** Trims a stream, saved by the caller; returns how many entries went. */
export function trimStream(stream: Stream, trimming: Trimming): number {
  return stream.trim(trimming.maxLength, trimming.minId, trimming.approximate, trimming.limit);
}

/**
 * Tells the op log of a stream that was trimmed, or not, and (XADD) of the ID that was made for argument `idAt`, if it is
 * not 0. Where approximate trimming ends depends on how the entries lie, so the exact bound is told. LIMIT, which Redis
 * leaves there for replicas to ignore, is left out, since it is a syntax error to everybody else.
 */
export function tellTrimmed(ctx: Context, stream: Stream, trimming: Trimming | null, idAt: number, id: string): void {
  const { args, effects } = ctx;
  const words: Word[] = [];
  for (let i = 0; i < args.count; i++) words.push(args.bytes(i));
  if (idAt !== 0) words[idAt] = id;
  if (trimming?.approximate === true) {
    words[trimming.thresholdAt - 1] = "=";
    words[trimming.thresholdAt] = boundOf(stream, trimming);
    if (trimming.limitAt !== 0) words.splice(trimming.limitAt - 1, 2);
  }
  effects?.replace(words);
}

function boundOf(stream: Stream, trimming: Trimming): Word {
  if (trimming.minId === null) return stream.length;
  return (stream.length === 0 ? StreamId.max() : stream.firstId).text();
}

/** The grammar of the options, for the specs. */
export const TRIM_ARGS: readonly ArgSpec[] = [
  oneOf("strategy", [token("MAXLEN"), { name: "minid", type: "pure-token", token: "MINID", since: "6.2.0" }]),
  optional(
    oneOf("operator", [
      { name: "equal", type: "pure-token", token: "=" },
      { name: "approximately", type: "pure-token", token: "~" },
    ]),
  ),
  { name: "threshold", type: "string" },
  { name: "count", type: "integer", token: "LIMIT", since: "6.2.0", flags: ["optional"] },
];
