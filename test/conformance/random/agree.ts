/**
 * Whether two replies agree. The bytes must be equal, but for what Redis itself leaves open:
 *
 *   order     of what comes out of a hash table: KEYS, SCAN and ZSCAN always; members of sets and fields of hashes only
 *             while a collection can be a hash table, so not in rounds whose thresholds are high (there also the order
 *             is compared)
 *   chance    RANDOMKEY, SRANDMEMBER, HRANDFIELD, ZRANDMEMBER, SPOP of some: type and number of the elements
 *   clock     times to live: within a few seconds; idle times of entries of streams are left out; of OBJECT IDLETIME
 *             and REFCOUNT only whether there is one
 *   encoding  listpack or hashtable of a set that SUNIONSTORE, SDIFFSTORE or SINTERSTORE filled from a hash table: it depends
 *             on whether an integer too many comes before the first text there
 */
import { decodeFrame, FrameScanner, type Reply } from "../../support/resp-frames.ts";
import { render } from "../masks.ts";
import { KEYS } from "./words.ts";

/** What a command was sent as, and what was queued before an EXEC. */
export interface Sent {
  readonly words: readonly string[];
  readonly queued: readonly (readonly string[])[];
}

const HASHED = new Set(["SMEMBERS", "SUNION", "SINTER", "SDIFF", "SPOP", "HKEYS", "HVALS", "SSCAN"]);
const HASHED_PAIRS = new Set(["HGETALL", "HSCAN"]);
const CHANCE = new Set(["RANDOMKEY", "SRANDMEMBER", "HRANDFIELD", "ZRANDMEMBER"]);
const CLOCK = new Set(["TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME"]);
/** Names behind which XINFO tells milliseconds. */
const IDLE_NAMES = new Set(["idle", "inactive", "seen-time", "active-time"]);

/** `isOrdered`: no collection of the round is a hash table. */
export function agree(a: Buffer, b: Buffer, sent: Sent, isOrdered: boolean): boolean {
  if (a.equals(b)) return true;
  const { words, queued } = sent;
  const name = (words[0] ?? "").toUpperCase();
  if (name === "EXEC") return agreeExec(a, b, queued, isOrdered);
  // Whatever may differ within, the kind of the reply and the number of its elements may not.
  if (!header(a).equals(header(b)) && !CLOCK.has(name) && name !== "OBJECT") return isChanceBulk(a, b, name, words);
  const [x, y] = [decodeFrame(a), decodeFrame(b)];
  if (name === "ZSCAN") return render(paired(x), true) === render(paired(y), true);
  if (name === "KEYS" || name === "SCAN") return render(x, true) === render(y, true);
  if (name === "SORT" || name === "SORT_RO")
    return isOpenSort(words, a) && !isOrdered && render(x, true) === render(y, true);
  if (CLOCK.has(name)) return isNear(x, y);
  if (name === "OBJECT") return isObjectNear(words, x, y, isOrdered);
  if (name === "XINFO" || name === "XPENDING") return render(withoutIdle(x, name)) === render(withoutIdle(y, name));
  if (CHANCE.has(name) || isPartialPop(name, words)) return true;
  if (isOrdered) return false;
  if (HASHED.has(name)) return render(x, true) === render(y, true);
  return HASHED_PAIRS.has(name) && render(paired(x), true) === render(paired(y), true);
}

function agreeExec(a: Buffer, b: Buffer, queued: Sent["queued"], isOrdered: boolean): boolean {
  const [ours, theirs] = [elements(a), elements(b)];
  if (ours === null || theirs === null || ours.length !== theirs.length) return false;
  return ours.every((frame, i) => {
    const other = theirs[i];
    const words = queued[i];
    return other !== undefined && words !== undefined && agree(frame, other, { words, queued: [] }, isOrdered);
  });
}

/** The frames within an array; null for any other reply. */
export function elements(frame: Buffer): Buffer[] | null {
  if (frame[0] !== 0x2a || frame[1] === 0x2d) return null;
  const scanner = new FrameScanner();
  scanner.push(frame.subarray(frame.indexOf("\r\n") + 2));
  const found: Buffer[] = [];
  for (let next = scanner.next(); next !== null; next = scanner.next()) found.push(next);
  return found;
}

function header(frame: Buffer): Buffer {
  return frame.subarray(0, frame.indexOf("\r\n"));
}

/** One random bulk string, whose length is random too. */
function isChanceBulk(a: Buffer, b: Buffer, name: string, words: readonly string[]): boolean {
  return (CHANCE.has(name) || isPartialPop(name, words)) && isBulk(a) && isBulk(b);
}

function isBulk(frame: Buffer): boolean {
  return frame[0] === 0x24 && frame[1] !== 0x2d;
}

function isPartialPop(name: string, words: readonly string[]): boolean {
  return name === "SPOP" && (words.length === 2 || Number(words[2]) <= 300);
}

/** Unsorted, or with texts that strcoll takes for equal, since it ends at a zero byte: a set's own order shows. */
function isOpenSort(words: readonly string[], reply: Buffer): boolean {
  return words.includes("nosort") || (words.includes("ALPHA") && reply.includes(0));
}

/** What OBJECT tells of how Redis holds small integers: one shared object for all keys, as old as the server. */
function isObjectNear(words: readonly string[], a: Reply, b: Reply, isOrdered: boolean): boolean {
  const what = (words[1] ?? "").toUpperCase();
  if (what === "IDLETIME" || what === "REFCOUNT") return a !== null && b !== null;
  if (what !== "ENCODING" || isOrdered || !KEYS.set?.includes(words[2] ?? "")) return false;
  return SETS.includes(String(a)) && SETS.includes(String(b));
}

const SETS = ["listpack", "hashtable"];

function isNear(a: Reply, b: Reply): boolean {
  const [x, y] = [numberOf(a), numberOf(b)];
  return x !== null && y !== null && x >= 0 && y >= 0 && Math.abs(x - y) <= 5 + 0.002 * Math.max(x, y);
}

function numberOf(value: Reply): number | null {
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : null;
}

/** A flat list of names and values, or a cursor and one, as a list of pairs. */
function paired(value: Reply): Reply {
  if (!Array.isArray(value)) return value;
  if (value.length === 2 && Array.isArray(value[1])) return [value[0] ?? null, paired(value[1])];
  return value.flatMap((item, i) => (i % 2 === 0 ? [[item, value[i + 1] ?? null]] : []));
}

/** The reply without the milliseconds in it. */
function withoutIdle(value: Reply, name: string): Reply {
  if (name === "XPENDING") return rowsWithout(value, 2, 4);
  if (value instanceof Map) {
    return new Map([...value].map(([key, item]) => [key, IDLE_NAMES.has(String(key)) ? null : pel(key, item, name)]));
  }
  if (!Array.isArray(value)) return value;
  return value.map((item, i) => {
    const before = value[i - 1] ?? null;
    return IDLE_NAMES.has(String(before)) ? null : pel(before, item, name);
  });
}

/** A list of pending entries tells when each was delivered: [ID, consumer, time, count] or [ID, time, count]. */
function pel(key: Reply, value: Reply, name: string): Reply {
  if (key !== "pel" && key !== "pending") return withoutIdle(value, name);
  return rowsWithout(rowsWithout(value, 2, 4), 1, 3);
}

/** The rows of `length` items without item `at`. */
function rowsWithout(value: Reply, at: number, length: number): Reply {
  if (!Array.isArray(value)) return value;
  return value.map((row) => (Array.isArray(row) && row.length === length ? row.toSpliced(at, 1) : row));
}
