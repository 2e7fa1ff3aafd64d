/**
 * What can be an input of the set operations on sorted sets: a collection of members with scores. Sets have the score 1
 * for every member. A type plugs in with one line in OPENERS.
 */
import { WRONGTYPE } from "../base/errors.ts";
import { TYPE_ID } from "../codec/format.ts";
import type { Entry } from "../codec/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { SetSource } from "./set-source.ts";
import { Zset } from "./zset.ts";

/** Several may be open and in use at once. Release before the txn or snapshot ends. */
export interface MemberSource {
  /** What it was opened with; its payload is not there any more. */
  readonly entry: Entry;
  /** Number of members. */
  readonly size: number;
  /** The present member `buffer[start..end)` and its score, borrowed until the next call. */
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
  readonly score: number;
  /** Goes to the next member (the first call: to the first); false at the end. */
  next(): boolean;
  /** Before the first member again. */
  rewind(): void;
  /** Score of a member, NaN when it is none. Leaves the present member as it is. */
  scoreOf(mb: Buffer, ms: number, me: number): number;
  release(): void;
}

type Opener = (keyspace: Keyspace, entry: Entry) => MemberSource;

const OPENERS: Readonly<Partial<Record<number, Opener>>> = {
  [TYPE_ID.set]: (keyspace, entry) => new SetSource(keyspace, entry),
  [TYPE_ID.zset]: (keyspace, entry) => new ZsetSource(keyspace, entry),
};

/** Opens the value that `find` just returned. Throws WRONGTYPE for a type that is no collection of members. */
export function openMemberSource(keyspace: Keyspace, entry: Entry): MemberSource {
  const open = OPENERS[entry.type];
  if (open === undefined) throw WRONGTYPE;
  return open(keyspace, entry);
}

class ZsetSource implements MemberSource {
  readonly entry: Entry;
  private readonly zset: Zset;
  /** For `scoreOf`: of an inline set a second one, since looking up moves the present member. */
  private readonly scores: Zset;
  private isStarted = false;

  constructor(keyspace: Keyspace, entry: Entry) {
    this.entry = entry;
    // Both are made before any other store call, while the entry's payload is there.
    this.zset = new Zset(keyspace, entry);
    this.scores = entry.generation === 0 ? new Zset(keyspace, entry) : this.zset;
  }

  get size(): number {
    return this.zset.length;
  }

  get buffer(): Buffer {
    return this.zset.memberBuffer;
  }

  get start(): number {
    return this.zset.memberStart;
  }

  get end(): number {
    return this.zset.memberEnd;
  }

  get score(): number {
    return this.zset.memberScore;
  }

  next(): boolean {
    const found = this.isStarted ? this.zset.next() : this.zset.seek(0);
    this.isStarted = true;
    if (found) this.zset.read();
    return found;
  }

  rewind(): void {
    this.isStarted = false;
  }

  scoreOf(mb: Buffer, ms: number, me: number): number {
    return this.scores.score(mb, ms, me);
  }

  release(): void {
    this.zset.release();
    if (this.scores !== this.zset) this.scores.release();
  }
}
