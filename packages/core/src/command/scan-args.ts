/** What SCAN, SSCAN, HSCAN and ZSCAN share: arguments, with the errors of Redis' scanGenericCommand, and reply. */
import { INVALID_CURSOR, NOT_AN_INTEGER, SYNTAX_ERROR } from "../base/errors.ts";
import { GlobPattern } from "../base/glob.ts";
import { UINT64_MAX } from "../base/numbers.ts";
import type { ReplyWriter } from "../resp/reply-writer.ts";
import type { Context } from "./context.ts";

export interface ScanOptions {
  /** How many elements to look at. */
  count: number;
  /** Null: everything matches. Borrows the arguments' bytes. */
  pattern: GlobPattern | null;
  /** Lower-case word of TYPE; null when there is none. */
  type: string | null;
}

/** Reads MATCH, COUNT and (for SCAN) TYPE from argument `from` on. */
export function readScanOptions(ctx: Context, from: number, withType: boolean): ScanOptions {
  const { args } = ctx;
  const options: ScanOptions = { count: 10, pattern: null, type: null };
  for (let i = from; i < args.count; i += 2) {
    const hasValue = i + 1 < args.count;
    if (hasValue && args.is(i, "count")) {
      const count = args.int64(i + 1, NOT_AN_INTEGER);
      if (count < 1n) throw SYNTAX_ERROR;
      options.count = Number(count);
    } else if (hasValue && args.is(i, "match")) {
      const pattern = new GlobPattern(args.bytes(i + 1));
      options.pattern = pattern.isStar ? null : pattern;
    } else if (hasValue && withType && args.is(i, "type")) {
      options.type = args.latin1(i + 1).toLowerCase();
    } else throw SYNTAX_ERROR;
  }
  return options;
}

/**
 * A cursor as strtoul reads it: an optional sign, decimal digits up to the first NUL byte, nothing at all meaning 0.
 * Cursors beyond 2^53 come out rounded: none of ours is that large.
 */
export function readScanCursor(ctx: Context, i: number): number {
  const text = ctx.args.latin1(i).split("\0", 1)[0] as string;
  if (text === "") return 0;
  const parts = /^([+-]?)(\d+)$/.exec(text);
  if (parts === null) throw INVALID_CURSOR;
  const magnitude = BigInt(parts[2] as string);
  if (magnitude > UINT64_MAX) throw INVALID_CURSOR;
  return Number(parts[1] === "-" ? BigInt.asUintN(64, -magnitude) : magnitude);
}

/**
 * Completes the reply: `found` bulk strings were written since `mark` (a value of `reply.deferred()`), `next` is the
 * cursor to go on with. The elements are written first, since only the walk tells the cursor and the number.
 */
export function endScan(reply: ReplyWriter, mark: number, next: number | bigint, found: number): void {
  const cursor = String(next);
  reply.insertRaw(mark, `*2\r\n$${cursor.length}\r\n${cursor}\r\n*${found}\r\n`);
}
