/**
 * Sorted sets. Members in the order of (score, member) are the items `ordered score | member` of a counted tree.
 *
 *   inline     payload: varint number of members | the tree, all in its root
 *   elements   payload: the root of the tree, whose other nodes lie under the record's generation together with one row
 *              per member (keyed-elements.ts), whose value is the score
 *
 * A set is inline while it has the encoding listpack and is not larger than INLINE_ZSET_MAX; it does not go back. The
 * encoding follows Redis' rules alone (zset-add.ts). As in Redis, a listpack does not keep the sign of a zero.
 */
import { ENCODING_ID, TYPE_ID } from "../codec/format.ts";
import { type Entry, NO_EXPIRY } from "../codec/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { CountedTree } from "./counted-tree.ts";
import { readVarint, varintEnd, writeVarint } from "./counted-tree-node.ts";
import { deleteElement, Element, earliestDeadline, findElement, putElement, ROW_BYTES_MAX } from "./keyed-elements.ts";
import { scanElements } from "./keyed-elements-walk.ts";
import { MemberSweep } from "./member-sweep.ts";
import {
  nextOrderedScore,
  readOrderedScore,
  readScore,
  SCORE_BYTES,
  writeOrderedScore,
  writeScore,
} from "./zset-score.ts";

/** Type id of sorted sets, for lookups. */
export const ZSET = TYPE_ID.zset;
export const LISTPACK = ENCODING_ID.listpack;
export const SKIPLIST = ENCODING_ID.skiplist;
/** Largest payload of an inline set, bytes. */
export const INLINE_ZSET_MAX = 16000;
/** From so many members on, removing a range is done in the way that is cheapest for many. */
const MANY_MEMBERS = 500;

const EMPTY: Buffer = Buffer.alloc(0);
/** Scratch for the bytes of one item and one score; nothing survives a call. */
let itemScratch: Buffer = Buffer.allocUnsafeSlow(4096);
const scoreScratch: Buffer = Buffer.allocUnsafeSlow(SCORE_BYTES);

/** Builds an item; its length is `SCORE_BYTES + me - ms`. */
function buildItem(score: number, mb: Uint8Array, ms: number, me: number): Buffer {
  const length = SCORE_BYTES + me - ms;
  // One byte more for `rankOfMember`.
  if (length >= itemScratch.length) {
    if (length > 65536) return fillItem(Buffer.allocUnsafeSlow(length + 1), score, mb, ms, me);
    itemScratch = Buffer.allocUnsafeSlow(65536 + 1);
  }
  return fillItem(itemScratch, score, mb, ms, me);
}

function fillItem(item: Buffer, score: number, mb: Uint8Array, ms: number, me: number): Buffer {
  writeOrderedScore(item, 0, score);
  if (me - ms > 48) item.set(mb.subarray(ms, me), SCORE_BYTES);
  else for (let i = ms, p = SCORE_BYTES; i < me; i++) item[p++] = mb[i] as number;
  return item;
}

/** Number of members. The entry is what `find` just returned. O(1). */
export function zsetLength(keyspace: Keyspace, entry: Entry): number {
  return entry.generation !== 0 ? entry.size : readVarint(keyspace.store.valueBuffer, entry.payloadStart);
}

/** A sorted set while a command works on it. Call `release` when done. */
export class Zset {
  readonly keyspace: Keyspace;
  /** What was found; null for a set that is new. */
  readonly entry: Entry | null;
  encoding: number;
  tree: CountedTree;
  /** The present member after `read`, borrowed until the next call. */
  memberBuffer: Buffer;
  memberStart: number;
  memberEnd: number;
  memberScore: number;
  /** Score that `zsetAdd` left the member with. */
  newScore: number;
  /** Earliest deadline of a member (or of one that is gone), unix ms; NO_EXPIRY when none has one. */
  memberExpireAtMs: number;
  private readonly element: Element;

  /** `entry` is what `find` just returned; null starts a new set. */
  constructor(keyspace: Keyspace, entry: Entry | null, encoding: number = LISTPACK) {
    const { store, codec } = keyspace;
    this.keyspace = keyspace;
    this.entry = entry;
    this.encoding = entry === null ? encoding : entry.encoding;
    this.tree = new CountedTree(store, codec, true);
    this.memberBuffer = EMPTY;
    this.memberStart = 0;
    this.memberEnd = 0;
    this.memberScore = 0;
    this.newScore = 0;
    this.memberExpireAtMs = entry === null ? NO_EXPIRY : entry.memberExpireAtMs;
    this.element = new Element(EMPTY);
    if (entry === null) this.tree.create(encoding === LISTPACK ? 0 : keyspace.databases.newGeneration());
    else if (entry.generation !== 0) {
      this.tree.load(entry.generation, entry.size, store.valueBuffer, entry.payloadStart, entry.payloadEnd);
    } else {
      const start = varintEnd(store.valueBuffer, entry.payloadStart);
      this.tree.load(0, readVarint(store.valueBuffer, entry.payloadStart), store.valueBuffer, start, entry.payloadEnd);
    }
  }

  get length(): number {
    return this.tree.length;
  }

  /** 0: inline. */
  private get generation(): number {
    return this.tree.generation;
  }

  release(): void {
    this.tree.release();
  }

  // ------------------------------------------------------------------------------------------ reading

  /** Makes the member of a rank the present one; false when there is none. */
  seek(rank: number): boolean {
    return this.tree.seek(rank);
  }

  next(): boolean {
    return this.tree.next();
  }

  prev(): boolean {
    return this.tree.prev();
  }

  /** Reads the present member and its score. */
  read(): void {
    const { tree } = this;
    tree.readItem();
    this.memberBuffer = tree.itemBuffer;
    this.memberStart = tree.itemStart + SCORE_BYTES;
    this.memberEnd = tree.itemEnd;
    const score = readOrderedScore(tree.itemBuffer, tree.itemStart);
    this.memberScore = score === 0 && tree.mark ? -0 : score;
  }

  /** Score of a member; NaN when it is none. */
  score(mb: Buffer, ms: number, me: number): number {
    if (this.generation !== 0) {
      if (!findElement(this.keyspace, this.generation, mb, ms, me, this.element)) return Number.NaN;
      return readScore(this.element.value, this.element.valueStart);
    }
    const { tree } = this;
    if (!tree.findSuffix(SCORE_BYTES, mb, ms, me)) return Number.NaN;
    tree.readItem();
    return readOrderedScore(tree.itemBuffer, tree.itemStart);
  }

  /** Rank of a member with the score that `score` just returned for it. */
  rank(score: number, mb: Buffer, ms: number, me: number): number {
    if (this.generation !== 0) this.tree.find(buildItem(score, mb, ms, me), SCORE_BYTES + me - ms);
    return this.tree.index;
  }

  /** Number of members with a smaller score; with `orEqual` also those of the same score. O(log n). */
  rankOfScore(score: number, orEqual: boolean): number {
    writeOrderedScore(scoreScratch, 0, score);
    if (orEqual) nextOrderedScore(scoreScratch, 0);
    return this.tree.lowerBound(scoreScratch, SCORE_BYTES);
  }

  /** Number of members before `bytes`, with `orEqual` that one included, all scores being `score`. O(log n). */
  rankOfMember(score: number, bytes: Uint8Array, orEqual: boolean): number {
    const item = buildItem(score, bytes, 0, bytes.length);
    const length = SCORE_BYTES + bytes.length;
    // The least that orders after a string is the string with a zero byte behind it.
    item[length] = 0;
    return this.tree.lowerBound(item, orEqual ? length + 1 : length);
  }

  // ------------------------------------------------------------------------------------------ changing

  /** Gives a member a score. `current` is what `score` just returned for it. */
  set(mb: Buffer, ms: number, me: number, score: number, current: number): void {
    const isNew = Number.isNaN(current);
    const length = SCORE_BYTES + me - ms;
    // `score` has left the member's row in `element`, if there are rows.
    const old = isNew || this.generation === 0 ? null : this.element;
    const isNegativeZero = this.keepsSign(score);
    if (old === null) {
      if (!isNew) this.tree.remove();
      this.makeRoom(length);
      this.tree.insertKey(buildItem(score, mb, ms, me), length, isNegativeZero);
    } else this.moveItem(mb, ms, me, score, current, isNegativeZero);
    this.putRow(mb, ms, me, isNegativeZero ? score : score + 0, old);
  }

  /** Gives the item of a member another score: in its place, as small changes mostly allow, or moved. */
  private moveItem(mb: Buffer, ms: number, me: number, score: number, current: number, mark: boolean): void {
    const { tree } = this;
    const length = SCORE_BYTES + me - ms;
    if (!tree.find(buildItem(current, mb, ms, me), length)) throw new Error("a member's row without its item");
    const item = buildItem(score, mb, ms, me);
    if (tree.replaceInOrder(item, length, mark)) return;
    tree.removePresent();
    tree.insertKey(item, length, mark);
  }

  /** Adds a member that orders after all that are there. Filling a set so is linear. */
  append(mb: Buffer, ms: number, me: number, score: number): void {
    const length = SCORE_BYTES + me - ms;
    this.makeRoom(length);
    const isNegativeZero = this.keepsSign(score);
    this.tree.append(buildItem(score, mb, ms, me), 0, length, isNegativeZero);
    this.putRow(mb, ms, me, isNegativeZero ? score : score + 0, null);
  }

  /** As `append`, to a set of rows, without the member's row: it is written by `putMemberRow`, in whatever order. */
  appendItem(mb: Buffer, ms: number, me: number, score: number): void {
    this.tree.append(buildItem(score, mb, ms, me), 0, SCORE_BYTES + me - ms, this.keepsSign(score));
  }

  /** Writes the row of a member that has none. The bytes must not lie in the store's buffers. */
  putMemberRow(mb: Buffer, ms: number, me: number, score: number): void {
    this.putRow(mb, ms, me, this.keepsSign(score) ? score : score + 0, null);
  }

  /** Whether the score is a negative zero that the encoding keeps. */
  private keepsSign(score: number): boolean {
    return score === 0 && this.encoding !== LISTPACK && Object.is(score, -0);
  }

  /** Before an item of `length` bytes is added: an inline set that would become too large moves into rows. */
  private makeRoom(length: number): void {
    if (this.generation === 0 && this.tree.rootSize + length + 8 > INLINE_ZSET_MAX) this.moveToElements();
  }

  /** Writes the row of a member, unless the set is inline. `old` is the row it has. */
  private putRow(mb: Buffer, ms: number, me: number, score: number, old: Element | null): void {
    if (this.generation === 0) return;
    writeScore(scoreScratch, 0, score);
    const expireAtMs = old === null ? NO_EXPIRY : old.expireAtMs;
    putElement(this.keyspace, this.generation, mb, ms, me, scoreScratch, 0, SCORE_BYTES, expireAtMs, old);
  }

  /** Removes a member; false when it is none. */
  remove(mb: Buffer, ms: number, me: number): boolean {
    const score = this.score(mb, ms, me);
    if (Number.isNaN(score)) return false;
    if (this.generation === 0) {
      this.tree.remove();
      return true;
    }
    this.tree.removeKey(buildItem(score, mb, ms, me), SCORE_BYTES + me - ms);
    deleteElement(this.keyspace, this.generation, mb, ms, me, this.element);
    return true;
  }

  /** Sets or (NO_EXPIRY) drops a member's deadline; false when it is none. An inline set moves into rows for it. */
  setDeadline(mb: Buffer, ms: number, me: number, expireAtMs: number): boolean {
    const score = this.score(mb, ms, me);
    if (Number.isNaN(score)) return false;
    if (this.generation === 0) this.moveToElements();
    const { keyspace, generation, element } = this;
    if (!findElement(keyspace, generation, mb, ms, me, element)) return false;
    element.value.copy(scoreScratch, 0, element.valueStart, element.valueStart + SCORE_BYTES);
    putElement(keyspace, generation, mb, ms, me, scoreScratch, 0, SCORE_BYTES, expireAtMs, element);
    this.memberExpireAtMs = earliestDeadline(keyspace, generation);
    return true;
  }

  /**
   * Removes `count` members, fewer than all, from a rank on. O(log n + count), of many members O(log n + those that
   * stay) if that is less.
   */
  removeRange(rank: number, count: number): void {
    const { tree, generation } = this;
    if (generation === 0) tree.removeRange(rank, count);
    else if (count < MANY_MEMBERS || this.hasDeadlines) tree.removeRange(rank, count, () => this.forgetPresent());
    else if (this.length - count < count) this.moveToElements(rank, count);
    else this.sweepRange(rank, count);
  }

  private sweepRange(rank: number, count: number): void {
    const sweep = new MemberSweep(this.keyspace, this.generation, count);
    this.tree.removeRange(rank, count, () => {
      this.read();
      if (this.memberEnd - this.memberStart > ROW_BYTES_MAX) this.forgetPresent();
      else sweep.add(this.memberBuffer, this.memberStart, this.memberEnd);
    });
    sweep.flush();
  }

  /** Makes it empty; `save` then removes the key. O(1): what rows there are go to the reclaimer. */
  clear(): void {
    this.tree.create(this.generation);
  }

  private get hasDeadlines(): boolean {
    return this.entry !== null && this.entry.memberExpireAtMs !== NO_EXPIRY;
  }

  /** Removes the row of the present member. */
  private forgetPresent(): void {
    this.read();
    const { keyspace, generation, memberBuffer, memberStart, memberEnd } = this;
    if (!this.hasDeadlines && memberEnd - memberStart <= ROW_BYTES_MAX) {
      keyspace.store.delete(keyspace.codec.memberRow(generation, memberBuffer, memberStart, memberEnd));
    } else if (findElement(keyspace, generation, memberBuffer, memberStart, memberEnd, this.element)) {
      deleteElement(keyspace, generation, memberBuffer, memberStart, memberEnd, this.element);
    }
  }

  /** Makes it a skiplist. */
  makeSkiplist(): void {
    if (this.encoding === SKIPLIST) return;
    this.encoding = SKIPLIST;
    if (this.generation === 0) this.moveToElements();
  }

  /**
   * Moves the members into rows of a new generation, but for `count` of them from a rank on: those of an inline set, or
   * the few that stay when most are removed. What they leave is discarded by `save`.
   */
  private moveToElements(rank = 0, count = 0): void {
    const { keyspace, tree: from } = this;
    const tree = new CountedTree(keyspace.store, keyspace.codec, true);
    tree.create(keyspace.databases.newGeneration());
    for (let found = from.seek(rank === 0 ? count : 0); found; found = from.next()) {
      if (count > 0 && from.index === rank && !from.seek(rank + count)) break;
      from.readItem();
      const { itemBuffer, itemStart, itemEnd, mark } = from;
      tree.append(itemBuffer, itemStart, itemEnd, mark);
      this.tree = tree;
      const score = readOrderedScore(itemBuffer, itemStart);
      this.putRow(itemBuffer, itemStart + SCORE_BYTES, itemEnd, score === 0 && mark ? -0 : score, null);
    }
    this.tree = tree;
    from.release();
  }

  /** Writes the set to key `kb[ks..ke)`, which had `entry`, or removes the key when the set is empty. */
  save(db: number, kb: Buffer, ks: number, ke: number): void {
    this.saveAs(db, kb, ks, ke, this.entry, this.entry === null ? NO_EXPIRY : this.entry.expireAtMs);
  }

  /** As `save`, for a key that had `old`. What `old` had of its own under another generation is discarded. */
  saveAs(db: number, kb: Buffer, ks: number, ke: number, old: Entry | null, expireAtMs: number): void {
    const { keyspace, tree, length } = this;
    const { generation } = tree;
    if (length === 0) {
      if (generation !== 0 && (old === null || old.generation !== generation)) keyspace.discard(generation);
      if (old !== null) keyspace.remove(db, kb, ks, ke, old);
      return;
    }
    tree.flush();
    const deadline = old === null || old !== this.entry ? NO_EXPIRY : this.memberExpireAtMs;
    let p = keyspace.startRecord(kb, ks, ke, old, ZSET, this.encoding, expireAtMs, generation, length, deadline);
    const put = keyspace.store.putBuffer;
    if (generation === 0) p = writeVarint(put, p, length);
    p = tree.writeRoot(put, p);
    keyspace.endRecord(db, kb, ks, ke, old, expireAtMs, p, generation, deadline);
  }
}

/**
 * Visits members of a set whose encoding is skiplist, in the order of their hashes, from a cursor on. Returns the cursor
 * to go on from, 0 at the end. The entry is what `find` just returned. Bytes are borrowed by the visitor.
 */
export function scanZset(
  keyspace: Keyspace,
  entry: Entry,
  from: number,
  limit: number,
  visit: (buffer: Buffer, start: number, end: number, score: number) => void,
): number {
  return scanElements(keyspace, entry.generation, true, from, limit, (element) =>
    visit(element.member, element.memberStart, element.memberEnd, readScore(element.value, element.valueStart)),
  );
}
