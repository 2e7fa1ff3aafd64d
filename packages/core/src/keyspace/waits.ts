/**
 * The rows of blocked clients of all processes. A wait is written by the txn that found nothing, so no change can come
 * between; whoever makes one of its keys ready finds it in the same way.
 *
 *   8 waiting keys  `8 | db u32 | hash 6 B | key tail | kind u8 | stamp 8 B` -> empty
 *   9 waits         `9 | stamp 8 B | piece u32`                              -> the wait, cut into pieces
 *
 * The stamp (keyspace/version-clock.ts) names the wait and is its place in the queue of every key. The kind is the type
 * of key that serves the client, with NO_KEY added when the key's end serves it too. A wait that another process served
 * stays, without key rows, as `handed`: it holds the reply, and what to run should the client be gone, until the owner
 * has taken it.
 */
import { TABLE } from "../codec/format.ts";
import { KEY_TAIL } from "../codec/key-codec.ts";
import { writeU32 } from "../codec/record.ts";
import type { Keyspace } from "./keyspace.ts";
import { deletePieces, listPrefixes, readPieces, writePieces } from "./row-pieces.ts";

/** Added to the kind of a client that is also served when the key is deleted or gets another type. */
export const NO_KEY = 0x80;
const STAMP_BYTES = 8;
const STATE = { waiting: 0, handed: 1 } as const;

/** Which client waits, and where. */
export interface WaitOwner {
  readonly slot: number;
  readonly pid: number;
  readonly clientId: number;
}

export interface Wait {
  readonly state: "waiting";
  readonly stamp: Buffer;
  readonly owner: WaitOwner;
  /** Whose permissions hold when it is served; null: everybody's. */
  readonly user: string | null;
  readonly db: number;
  readonly resp: number;
  readonly kind: number;
  /** The command to run again, its name included. */
  readonly args: readonly Buffer[];
  /** Which arguments are the keys waited for. */
  readonly keys: readonly number[];
}

/** Served by another process. */
export interface HandedWait {
  readonly state: "handed";
  readonly stamp: Buffer;
  readonly owner: WaitOwner;
  readonly db: number;
  readonly reply: Buffer;
  /** Command that undoes what serving took, for a client that is gone; empty when there is nothing to undo. */
  readonly giveBack: readonly Buffer[];
}

export class Waits {
  private readonly keyspace: Keyspace;

  constructor(keyspace: Keyspace) {
    this.keyspace = keyspace;
  }

  /** The stamp for a new wait. Write txn only. */
  newStamp(): Buffer {
    const { versions } = this.keyspace;
    versions.next();
    const stamp = Buffer.alloc(STAMP_BYTES);
    writeU32(stamp, 0, versions.high);
    writeU32(stamp, 4, versions.low);
    return stamp;
  }

  register(wait: Wait): void {
    const { store } = this.keyspace;
    writePieces(store, prefixOf(wait.stamp), encodeWait(wait));
    for (const index of wait.keys) {
      const key = wait.args[index] as Buffer;
      store.put(this.keyRow(wait.db, key, wait.kind, wait.stamp), 0);
    }
    this.keyspace.forgetRow();
  }

  /** Removes every trace of a wait. */
  forget(wait: Wait | HandedWait): void {
    if (wait.state === "waiting") this.forgetKeys(wait);
    deletePieces(this.keyspace.store, prefixOf(wait.stamp));
    this.keyspace.forgetRow();
  }

  private forgetKeys(wait: Wait): void {
    for (const index of wait.keys) {
      const key = wait.args[index] as Buffer;
      this.keyspace.store.delete(this.keyRow(wait.db, key, wait.kind, wait.stamp));
    }
  }

  /** Leaves the reply for the owner. */
  hand(wait: Wait, reply: Buffer, giveBack: readonly Buffer[]): void {
    const { store } = this.keyspace;
    this.forgetKeys(wait);
    const prefix = prefixOf(wait.stamp);
    deletePieces(store, prefix);
    const { stamp, owner, db } = wait;
    writePieces(store, prefix, encodeHanded({ state: "handed", stamp, owner, db, reply, giveBack }));
    this.keyspace.forgetRow();
  }

  /** The wait of a stamp; null when it is over. */
  read(stamp: Buffer): Wait | HandedWait | null {
    const bytes = readPieces(this.keyspace.store, prefixOf(stamp));
    this.keyspace.forgetRow();
    return bytes === null ? null : decode(stamp, bytes);
  }

  /** Stamps of all waits, in order. */
  all(): Buffer[] {
    const prefixes = listPrefixes(this.keyspace.store, TABLE.waits, 1 + STAMP_BYTES);
    this.keyspace.forgetRow();
    return prefixes.map((prefix) => prefix.subarray(1));
  }

  /** Whether any client of any process is blocked. One seek. */
  get any(): boolean {
    const { store } = this.keyspace;
    store.keyBuffer[0] = TABLE.waits;
    const cursor = store.openCursor();
    this.keyspace.forgetRow();
    try {
      return cursor.seek(1) && cursor.key[0] === TABLE.waits;
    } finally {
      cursor.close();
    }
  }

  /** Up to `limit` stamps of the waits of a kind for a key, in order, those after `after` when it is given. */
  ofKey(db: number, key: Buffer, kind: number, after: Buffer | null, limit: number): Buffer[] {
    const { store } = this.keyspace;
    const stamps: Buffer[] = [];
    const length = this.keyRow(db, key, kind, after ?? FIRST);
    const prefix = Buffer.from(store.keyBuffer.subarray(0, length - STAMP_BYTES));
    const cursor = store.openCursor();
    this.keyspace.forgetRow();
    try {
      for (let found = cursor.seek(length); found && stamps.length < limit; found = cursor.next()) {
        if (cursor.keyLength !== length || cursor.key.compare(prefix, 0, prefix.length, 0, prefix.length) !== 0) break;
        const stamp = Buffer.from(cursor.key.subarray(prefix.length, length));
        if (after === null || !stamp.equals(after)) stamps.push(stamp);
      }
    } finally {
      cursor.close();
    }
    return stamps;
  }

  /** Builds the row of a waiting key. Databases are named by number: a waiter stays where SWAPDB finds it. */
  private keyRow(db: number, key: Buffer, kind: number, stamp: Buffer): number {
    const { store, codec } = this.keyspace;
    let n = codec.keyRow(db, key, 0, key.length);
    store.keyBuffer[0] = TABLE.waitingKeys;
    store.keyBuffer[n++] = kind;
    for (let i = 0; i < STAMP_BYTES; i++) store.keyBuffer[n++] = stamp[i] as number;
    return n;
  }

  /** Counts the keys that clients wait for, and those whose end serves a client too. For INFO. */
  countKeys(): { keys: number; onNoKey: number } {
    const { store } = this.keyspace;
    const keys = new Set<string>();
    const onNoKey = new Set<string>();
    store.keyBuffer[0] = TABLE.waitingKeys;
    const cursor = store.openCursor();
    this.keyspace.forgetRow();
    try {
      for (let found = cursor.seek(1); found && cursor.key[0] === TABLE.waitingKeys; found = cursor.next()) {
        const kindAt = cursor.keyLength - STAMP_BYTES - 1;
        const id = cursor.key.latin1Slice(0, Math.max(KEY_TAIL, kindAt));
        keys.add(id);
        if (((cursor.key[kindAt] as number) & NO_KEY) !== 0) onNoKey.add(id);
      }
    } finally {
      cursor.close();
    }
    return { keys: keys.size, onNoKey: onNoKey.size };
  }
}

const FIRST: Buffer = Buffer.alloc(STAMP_BYTES);

function prefixOf(stamp: Buffer): Buffer {
  return Buffer.concat([TABLE_PREFIX, stamp]);
}
const TABLE_PREFIX: Buffer = Buffer.from([TABLE.waits]);

// ------------------------------------------------------------------------------------------------ bytes of a wait

/** `state u8 | slot u32 | pid u32 | client id as a double | db u32 | ...` */
const OWNER_BYTES = 21;

function encodeOwner(state: number, owner: WaitOwner, db: number): Buffer {
  const bytes = Buffer.alloc(OWNER_BYTES);
  bytes[0] = state;
  bytes.writeUInt32BE(owner.slot, 1);
  bytes.writeUInt32BE(owner.pid, 5);
  bytes.writeDoubleBE(owner.clientId, 9);
  bytes.writeUInt32BE(db, 17);
  return bytes;
}

/** `... | resp u8 | kind u8 | strings: args | u32 keys | { u32 index } | strings: the user, none for null` */
function encodeWait(wait: Wait): Buffer {
  const parts = [encodeOwner(STATE.waiting, wait.owner, wait.db), Buffer.from([wait.resp, wait.kind])];
  appendStrings(parts, wait.args);
  parts.push(u32(wait.keys.length));
  for (const index of wait.keys) parts.push(u32(index));
  appendStrings(parts, wait.user === null ? [] : [Buffer.from(wait.user, "latin1")]);
  return Buffer.concat(parts);
}

/** `... | strings: reply | strings: command to undo it` */
function encodeHanded(wait: HandedWait): Buffer {
  const parts = [encodeOwner(STATE.handed, wait.owner, wait.db)];
  appendStrings(parts, [wait.reply]);
  appendStrings(parts, wait.giveBack);
  return Buffer.concat(parts);
}

function decode(stamp: Buffer, bytes: Buffer): Wait | HandedWait {
  const owner = { slot: bytes.readUInt32BE(1), pid: bytes.readUInt32BE(5), clientId: bytes.readDoubleBE(9) };
  const db = bytes.readUInt32BE(17);
  if (bytes[0] === STATE.handed) {
    const reply = readStrings(bytes, OWNER_BYTES);
    const giveBack = readStrings(bytes, reply.end).strings;
    return { state: "handed", stamp, owner, db, reply: reply.strings[0] as Buffer, giveBack };
  }
  const args = readStrings(bytes, OWNER_BYTES + 2);
  const keys: number[] = [];
  const count = bytes.readUInt32BE(args.end);
  for (let i = 0; i < count; i++) keys.push(bytes.readUInt32BE(args.end + 4 + i * 4));
  const user = readStrings(bytes, args.end + 4 + count * 4).strings[0]?.latin1Slice() ?? null;
  const resp = bytes[OWNER_BYTES] as number;
  const kind = bytes[OWNER_BYTES + 1] as number;
  return { state: "waiting", stamp, owner, user, db, resp, kind, args: args.strings, keys };
}

function u32(n: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(n, 0);
  return bytes;
}

function appendStrings(parts: Buffer[], strings: readonly Buffer[]): void {
  parts.push(u32(strings.length));
  for (const string of strings) parts.push(u32(string.length), string);
}

function readStrings(bytes: Buffer, at: number): { strings: Buffer[]; end: number } {
  const strings: Buffer[] = [];
  const count = bytes.readUInt32BE(at);
  let p = at + 4;
  for (let i = 0; i < count; i++) {
    const end = p + 4 + bytes.readUInt32BE(p);
    strings.push(bytes.subarray(p + 4, end));
    p = end;
  }
  return { strings, end: p };
}
