/**
 * Redis' quoting of argument lines: inline commands, redis.conf lines and redis-cli input are split by these rules, and
 * logs, MONITOR and CLIENT LIST quote bytes so that they can be split again.
 */
import { endOfCString, isSpace } from "./numbers.ts";

const DOUBLE = 0x22;
const SINGLE = 0x27;
const BACKSLASH = 0x5c;

const ESCAPES: ReadonlyMap<number, number> = new Map([
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
  [0x62, 0x08],
  [0x61, 0x07],
]);

/**
 * Splits `line[start..end)` into its arguments (copies). Quotes may open in the middle of an argument, but behind a
 * closing one must come white space or the end. In double quotes `\n \r \t \b \a \xhh` stand for bytes and any other
 * escaped byte for itself; in single quotes only `\'` is an escape. The line ends at its first NUL byte. Null when the
 * quotes are not balanced; an empty array when there are no arguments.
 */
export function splitArgs(line: Uint8Array, start = 0, end = line.length): Buffer[] | null {
  const stop = endOfCString(line, start, end);
  const args: Buffer[] = [];
  const token: number[] = [];
  let at = start;
  for (;;) {
    while (at < stop && isSpace(line[at] as number)) at++;
    if (at >= stop) return args;
    token.length = 0;
    at = readToken(line, at, stop, token);
    if (at < 0) return null;
    args.push(Buffer.from(token));
  }
}

/** Collects one argument from `start` and returns the position behind it, or -1 when its quotes are wrong. */
function readToken(line: Uint8Array, start: number, end: number, token: number[]): number {
  let at = start;
  let quote = 0;
  while (at < end) {
    const c = line[at] as number;
    if (quote === 0) {
      // Only these four end an argument; the other kinds of white space just separate.
      if (c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09) return at;
      if (c === DOUBLE || c === SINGLE) quote = c;
      else token.push(c);
      at++;
    } else if (c === quote) {
      return at + 1 < end && !isSpace(line[at + 1] as number) ? -1 : at + 1;
    } else if (c === BACKSLASH && at + 1 < end && (quote === DOUBLE || line[at + 1] === SINGLE)) {
      at += readEscape(line, at + 1, end, quote, token);
    } else {
      token.push(c);
      at++;
    }
  }
  return quote === 0 ? at : -1;
}

/** Adds the byte that the escape at `at` (behind the backslash) stands for; returns its length with the backslash. */
function readEscape(line: Uint8Array, at: number, end: number, quote: number, token: number[]): number {
  const c = line[at] as number;
  if (quote === DOUBLE && c === 0x78 && at + 2 < end) {
    const high = hexDigit(line[at + 1] as number);
    const low = hexDigit(line[at + 2] as number);
    if (high >= 0 && low >= 0) {
      token.push(high * 16 + low);
      return 4;
    }
  }
  token.push(quote === DOUBLE ? (ESCAPES.get(c) ?? c) : c);
  return 2;
}

function hexDigit(c: number): number {
  if (c >= 0x30 && c <= 0x39) return c - 0x30;
  const letter = c | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** What each byte is written as inside double quotes. */
const REPR: readonly string[] = Array.from({ length: 256 }, (_, c) => {
  if (c === BACKSLASH || c === DOUBLE) return `\\${String.fromCharCode(c)}`;
  for (const [letter, byte] of ESCAPES) if (byte === c) return `\\${String.fromCharCode(letter)}`;
  if (c >= 0x20 && c <= 0x7e) return String.fromCharCode(c);
  return `\\x${c.toString(16).padStart(2, "0")}`;
});

/** The bytes in double quotes, everything but printable ASCII escaped; `splitArgs` reads it back. */
export function reprBytes(buf: Uint8Array, start = 0, end = buf.length): string {
  let text = '"';
  for (let at = start; at < end; at++) text += REPR[buf[at] as number];
  return `${text}"`;
}

/** Whether the bytes cannot stand without quotes in a line that `splitArgs` reads: special, unprintable or white. */
export function needsRepr(buf: Uint8Array, start = 0, end = buf.length): boolean {
  for (let at = start; at < end; at++) {
    const c = buf[at] as number;
    if (c === 0x20 || (REPR[c] as string).length > 1) return true;
  }
  return false;
}
