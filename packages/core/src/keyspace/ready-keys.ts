/**
 * Keys that may now serve a blocked client: gathered while commands of a write txn change the keyspace, taken after each
 * command by server/blocking.ts. Filled only while some client of any process is blocked (Keyspace.ready is null else).
 */
import { TYPE_ID } from "../codec/format.ts";
import type { Entry } from "../codec/record.ts";

export interface ReadyKey {
  readonly db: number;
  readonly key: Buffer;
}

export class ReadyKeys {
  /** Whether there is anything to take; read after every command. */
  any = false;
  private keys: Map<string, ReadyKey> = new Map();
  private databases: Set<number> = new Set();

  /** A key that was created, or whose type changed, or a stream that changed or went away. */
  note(db: number, buf: Buffer, start: number, end: number): void {
    const id = `${db}:${buf.latin1Slice(start, end)}`;
    if (this.keys.has(id)) return;
    this.keys.set(id, { db, key: Buffer.from(buf.subarray(start, end)) });
    this.any = true;
  }

  /**
   * `record` is about to be written for a key that had `old`. A list or sorted set serves when it appears, a stream with
   * every change but that of its expiry, and with its end.
   */
  noteRecord(
    record: Buffer,
    old: Entry | null,
    expireAtMs: number,
    db: number,
    buf: Buffer,
    start: number,
    end: number,
  ): void {
    const type = (record[1] as number) & 0x0f;
    if (old !== null && old.type === type && old.expireAtMs !== expireAtMs) return;
    const isNew = old === null || old.type !== type;
    const serves = isNew && (type === TYPE_ID.list || type === TYPE_ID.zset);
    if (serves || type === TYPE_ID.stream || old?.type === TYPE_ID.stream) this.note(db, buf, start, end);
  }

  /** All keys of a database may have changed (FLUSHDB, SWAPDB). */
  noteDatabase(db: number): void {
    this.databases.add(db);
    this.any = true;
  }

  /** The keys in the order they became ready; the list starts anew. */
  takeKeys(): ReadyKey[] {
    const keys = [...this.keys.values()];
    this.keys = new Map();
    this.any = this.databases.size > 0;
    return keys;
  }

  takeDatabases(): number[] {
    const databases = [...this.databases];
    this.databases = new Set();
    this.any = this.keys.size > 0;
    return databases;
  }

  clear(): void {
    this.keys.clear();
    this.databases.clear();
    this.any = false;
  }
}
