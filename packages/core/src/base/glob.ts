/**
 * Glob patterns over bytes, with the semantics of Redis' stringmatchlen to the letter: `*`, `?`, `[a-z]`, `[^x]`, `\x`.
 * Oddities that are kept, because clients see them: `*` alone does not match the empty text; a range may run into the
 * closing bracket (`[a-]`); an unclosed class ends with the pattern; bytes above 127 order as negative numbers; inside a
 * class an escaped byte is compared with its case.
 *
 * No recursion: on a mismatch only the last `*` is tried one byte further. That is what Redis' skipLongerMatches comes
 * to, so time is at most pattern length times text length, and deep patterns need no stack.
 */

const STAR = 0x2a;
const QUESTION = 0x3f;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const CARET = 0x5e;
const DASH = 0x2d;
const BACKSLASH = 0x5c;

function lower(c: number): number {
  return c >= 0x41 && c <= 0x5a ? c + 0x20 : c;
}

/** A byte as C's signed char. */
function signed(c: number): number {
  return (c << 24) >> 24;
}

/** Whether the whole text `text[textStart..textEnd)` matches the whole pattern. */
export function globMatch(
  pattern: Uint8Array,
  text: Uint8Array,
  textStart = 0,
  textEnd = text.length,
  nocase = false,
  patternStart = 0,
  patternEnd = pattern.length,
): boolean {
  let p = patternStart;
  let t = textStart;
  // Where to go on after a mismatch: behind the last star, with one more byte of text given to it.
  let starPattern = -1;
  let starText = 0;
  while (p < patternEnd && t < textEnd) {
    const c = pattern[p] as number;
    if (c === STAR) {
      while (p + 1 < patternEnd && pattern[p + 1] === STAR) p++;
      if (p + 1 === patternEnd) return true;
      p++;
      starPattern = p;
      starText = t;
      continue;
    }
    let next = p + 1;
    let matches = true;
    if (c === OPEN) {
      next = endOfClass(pattern, p, patternEnd);
      matches = matchClass(pattern, p, patternEnd, text[t] as number, nocase);
    } else if (c !== QUESTION) {
      let literal = c;
      if (c === BACKSLASH && next < patternEnd) literal = pattern[next++] as number;
      const actual = text[t] as number;
      matches = nocase ? lower(literal) === lower(actual) : literal === actual;
    }
    if (matches) {
      p = next;
      t++;
      if (t === textEnd) while (p < patternEnd && pattern[p] === STAR) p++;
      if (p < patternEnd === t < textEnd) continue;
    }
    // A mismatch, or one of the two used up before the other.
    if (starPattern < 0 || starText + 1 >= textEnd) return false;
    p = starPattern;
    t = ++starText;
  }
  return p === patternEnd && t === textEnd;
}

/** Where the element of a class at `at` ends: an escaped byte takes two, a range three, anything else one. */
function elementEnd(pattern: Uint8Array, at: number, end: number): number {
  if (pattern[at] === BACKSLASH && end - at >= 2) return at + 2;
  if (end - at >= 3 && pattern[at + 1] === DASH) return at + 3;
  return at + 1;
}

/** Where the pattern goes on behind the class at `open`: past its bracket, or at the end when it is not closed. */
function endOfClass(pattern: Uint8Array, open: number, end: number): number {
  let at = open + 1;
  if (at < end && pattern[at] === CARET) at++;
  while (at < end && pattern[at] !== CLOSE) at = elementEnd(pattern, at, end);
  return at < end ? at + 1 : end;
}

function matchClass(pattern: Uint8Array, open: number, end: number, c: number, nocase: boolean): boolean {
  let at = open + 1;
  const negated = at < end && pattern[at] === CARET;
  if (negated) at++;
  let found = false;
  while (at < end && pattern[at] !== CLOSE) {
    const next = elementEnd(pattern, at, end);
    const first = pattern[at] as number;
    if (next - at === 1) found ||= nocase ? lower(first) === lower(c) : first === c;
    else if (next - at === 2) found ||= pattern[at + 1] === c;
    else found ||= inRange(first, pattern[at + 2] as number, c, nocase);
    at = next;
  }
  return found !== negated;
}

/** The ends may come in either order; they are ordered before their case is dropped. */
function inRange(a: number, b: number, c: number, nocase: boolean): boolean {
  let low = signed(a);
  let high = signed(b);
  if (low > high) [low, high] = [high, low];
  if (!nocase) return signed(c) >= low && signed(c) <= high;
  const folded = foldSigned(signed(c));
  return folded >= foldSigned(low) && folded <= foldSigned(high);
}

/** glibc's tolower of a signed char: what is negative comes out as the unsigned byte, but for -1, which is EOF. */
function foldSigned(c: number): number {
  return c < -1 ? c + 256 : lower(c);
}

type Shape = "any" | "literal" | "prefix" | "general";

/** A pattern used many times (KEYS, SCAN, PSUBSCRIBE): the common `*`, `prefix*` and literals need no walk. */
export class GlobPattern {
  /** Borrowed: the bytes must not change while the pattern lives. */
  readonly source: Uint8Array;
  /** The single `*`. Commands treat it as "no filter"; `matches` follows stringmatchlen (not the empty text). */
  readonly isStar: boolean;
  /** The bytes every match begins with, for a range scan; the whole pattern if it is literal. Escapes end it. */
  readonly prefixLength: number;
  readonly #shape: Shape;
  readonly #nocase: boolean;

  constructor(source: Uint8Array, nocase = false) {
    this.source = source;
    this.isStar = source.length === 1 && source[0] === STAR;
    let plain = 0;
    while (plain < source.length && !isSpecial(source[plain] as number)) plain++;
    this.prefixLength = nocase ? 0 : plain;
    this.#nocase = nocase;
    if (nocase) this.#shape = "general";
    else if (plain === source.length) this.#shape = "literal";
    else if (plain + 1 === source.length && source[plain] === STAR) this.#shape = plain === 0 ? "any" : "prefix";
    else this.#shape = "general";
  }

  matches(text: Uint8Array, start: number, end: number): boolean {
    const shape = this.#shape;
    if (shape === "any") return end > start;
    const { source, prefixLength } = this;
    if (end - start < prefixLength) return false;
    for (let i = 0; i < prefixLength; i++) if (source[i] !== text[start + i]) return false;
    if (shape === "prefix") return true;
    if (shape === "literal") return end - start === prefixLength;
    return globMatch(source, text, start, end, this.#nocase);
  }
}

function isSpecial(c: number): boolean {
  return c === STAR || c === QUESTION || c === OPEN || c === BACKSLASH;
}
