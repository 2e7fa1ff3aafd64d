/** LCS: the longest common subsequence of two strings, as text, as length or as matching ranges. */

import {
  LCS_LEN_AND_IDX,
  LCS_NOT_STRINGS,
  LCS_STRING_TOO_LONG,
  LCS_TABLE_TOO_LARGE,
  SYNTAX_ERROR,
} from "../../base/errors.ts";
import { lcsLength, lcsMatches, lcsString, lcsTableBytes } from "../../base/lcs.ts";
import { optional, token } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyRange } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { HeldString, STRING } from "../../types/string.ts";
import { indexArg } from "./index-arg.ts";

/** Lengths from here on do not fit Redis' 32-bit indexes. */
const TOO_LONG = 2 ** 32 - 2;

interface LcsOptions {
  len: boolean;
  idx: boolean;
  withMatchLen: boolean;
  minMatchLen: number;
}

function hold(ctx: Context, i: number): HeldString {
  const entry = ctx.lookupRead(i);
  if (entry !== null && entry.type !== STRING) throw LCS_NOT_STRINGS;
  return new HeldString(ctx.keyspace, entry);
}

function readOptions(ctx: Context): LcsOptions {
  const { args } = ctx;
  const options: LcsOptions = { len: false, idx: false, withMatchLen: false, minMatchLen: 0 };
  for (let i = 3; i < args.count; i++) {
    if (args.is(i, "idx")) options.idx = true;
    else if (args.is(i, "len")) options.len = true;
    else if (args.is(i, "withmatchlen")) options.withMatchLen = true;
    else if (args.is(i, "minmatchlen") && i + 1 < args.count) options.minMatchLen = Math.max(0, indexArg(args, ++i));
    else throw SYNTAX_ERROR;
  }
  if (options.len && options.idx) throw LCS_LEN_AND_IDX;
  return options;
}

function bytesOf(held: HeldString): Buffer {
  const bytes = Buffer.allocUnsafe(held.length);
  held.read(0, held.length, bytes, 0);
  return bytes;
}

function handleLcs(ctx: Context): void {
  const first = hold(ctx, 1);
  const second = hold(ctx, 2);
  const options = readOptions(ctx);
  if (first.length >= TOO_LONG || second.length >= TOO_LONG) throw LCS_STRING_TOO_LONG;
  if (lcsTableBytes(first.length, second.length) > ctx.server.config.number("proto-max-bulk-len")) {
    throw LCS_TABLE_TOO_LARGE;
  }
  const a = bytesOf(first);
  const b = bytesOf(second);
  if (options.idx) replyMatches(ctx, a, b, options);
  else if (options.len) ctx.reply.integer(lcsLength(a, b));
  else ctx.reply.bulk(lcsString(a, b));
}

function replyMatches(ctx: Context, a: Buffer, b: Buffer, options: LcsOptions): void {
  const { reply } = ctx;
  const { matches, length } = lcsMatches(a, b, options.minMatchLen);
  reply.mapHeader(2);
  reply.bulkText("matches");
  reply.arrayHeader(matches.length);
  for (const match of matches) {
    reply.arrayHeader(options.withMatchLen ? 3 : 2);
    reply.arrayHeader(2);
    reply.integer(match.aStart);
    reply.integer(match.aEnd);
    reply.arrayHeader(2);
    reply.integer(match.bStart);
    reply.integer(match.bEnd);
    if (options.withMatchLen) reply.integer(match.length);
  }
  reply.bulkText("len");
  reply.integer(length);
}

export const lcs: CommandSpec = {
  name: "LCS",
  group: "string",
  since: "7.0.0",
  summary: "Finds the longest common subsequence of two strings.",
  complexity: "O(N*M), N and M: the lengths of the two strings",
  arity: -3,
  flags: ["readonly"],
  keys: [keyRange(1, 2, 1, "RO", "access")],
  args: [
    { name: "key1", type: "key", keySpecIndex: 0 },
    { name: "key2", type: "key", keySpecIndex: 0 },
    optional(token("LEN")),
    optional(token("IDX")),
    { name: "min-match-len", type: "integer", token: "MINMATCHLEN", flags: ["optional"] },
    optional(token("WITHMATCHLEN")),
  ],
  handler: handleLcs,
};
