/**
 * The jobs of KEYDB.CRON: what is stored of one, and on which times it runs.
 *
 * Payload of the record:
 *   0      1: repeats
 *   1..8   start, 9..16 interval: unix ms and ms, signed 64 bits, as given
 *   17..24 when it was made, 25..32 when it last began (0: never), unix ms
 *   33..40 runs, 41..48 runs that failed, 49..56 slots that were missed, 57..64 length of the last run, usec
 *   65..66 length of the last error's text, then the text
 *   then the definition: u32 keys | u32 arguments | u32 length and bytes of the script, of each key, of each argument;
 *   one longer than INLINE_MAX is in chunks under the record's generation, its length the record's size
 * The next run is the record's second time (keyspace/cron-rows.ts). What a run changes lies in front of the definition,
 * so that a run does not write the script again.
 */
import { ENCODING_ID, TYPE_ID } from "../codec/format.ts";
import { type Entry, NO_EXPIRY } from "../codec/record.ts";
import { readChunks, writeChunks } from "../keyspace/chunks.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";

export const CRON = TYPE_ID.cron;
const HEAD_BYTES = 67;
/** A longer definition is kept apart from the record, which every run rewrites. */
const INLINE_MAX = 512;
const ERROR_MAX = 400;
/** The last time that the store can hold. */
const NEVER_MS = Number.MAX_SAFE_INTEGER;

export interface CronDefinition {
  readonly repeats: boolean;
  /** Unix ms, as given (or the time of the command). */
  readonly start: bigint;
  /** Milliseconds, above 0. */
  readonly interval: bigint;
  readonly script: Buffer;
  readonly keys: readonly Buffer[];
  readonly args: readonly Buffer[];
}

/** What became of a job's runs. */
export interface CronHistory {
  readonly createdMs: number;
  /** When the last run began; 0: there was none. */
  readonly lastRunMs: number;
  readonly runs: number;
  readonly failures: number;
  /** Slots in which it could not run: the server was down, paused, or busy. */
  readonly missed: number;
  readonly lastUsec: number;
  /** Error of the last run; empty when it had none. */
  readonly lastError: string;
}

export interface CronJob extends CronDefinition, CronHistory {}

export interface CronKey {
  readonly db: number;
  readonly name: Buffer;
}

/** The first run: start + interval, as in KeyDB; what a time cannot hold is as good as never. */
export function firstRunMs({ start, interval }: CronDefinition): number {
  return Math.max(1, Math.min(Number(start + interval), NEVER_MS));
}

/**
 * The slot after the one at `dueMs`, and how many were passed over: the first on the grid of dueMs + k * interval that is
 * still to come. With start 0 there is no grid to keep: a late job goes on from now.
 */
export function nextSlot(job: CronDefinition, dueMs: number, nowMs: number): { nextMs: number; missed: number } {
  const interval = Number(job.interval);
  const next = dueMs + interval;
  if (next > nowMs) return { nextMs: Math.min(next, NEVER_MS), missed: 0 };
  if (job.start === 0n) return { nextMs: Math.min(nowMs + interval, NEVER_MS), missed: 0 };
  const missed = Math.floor((nowMs - dueMs) / interval);
  return { nextMs: Math.min(dueMs + (missed + 1) * interval, NEVER_MS), missed };
}

/**
 * The next run of a repeating job after the clock was set back behind its last run (or its making): the slot of its grid
 * that comes next by the new time. Null: it stays.
 */
export function slotAfterClockChange(job: CronJob, dueMs: number, nowMs: number): number | null {
  const interval = Number(job.interval);
  const isBehind = Math.max(job.createdMs, job.lastRunMs) > nowMs;
  if (!job.repeats || !isBehind || dueMs <= nowMs + interval) return null;
  return dueMs - Math.floor((dueMs - nowMs - 1) / interval) * interval;
}

/** Makes a job under a name where nothing may exist. In a write txn. */
export function createCron(keyspace: Keyspace, db: number, name: Buffer, definition: CronDefinition): void {
  const bytes = encodeDefinition(definition);
  const isInline = bytes.length <= INLINE_MAX;
  const generation = isInline ? 0 : keyspace.databases.newGeneration();
  if (!isInline) writeChunks(keyspace.store, keyspace.codec, generation, bytes, 0, bytes.length);
  keyspace.forgetRow();
  const history = { createdMs: keyspace.nowMs, lastRunMs: 0, runs: 0, failures: 0, missed: 0, lastUsec: 0 };
  const head = encodeHead({ ...definition, ...history, lastError: "" });
  const dueMs = firstRunMs(definition);
  const size = isInline ? 0 : bytes.length;
  const { store } = keyspace;
  const { raw } = ENCODING_ID;
  let p = keyspace.startRecord(name, 0, name.length, null, CRON, raw, NO_EXPIRY, generation, size, dueMs);
  p += head.copy(store.putBuffer, p);
  if (isInline) p += bytes.copy(store.putBuffer, p);
  keyspace.endRecord(db, name, 0, name.length, null, NO_EXPIRY, p, generation, dueMs);
}

/** The job in a record that `find` just returned. */
export function readCron(keyspace: Keyspace, entry: Entry): CronJob {
  const payload = keyspace.copyPayload(entry);
  const headEnd = HEAD_BYTES + payload.readUInt16BE(65);
  const definition =
    entry.generation === 0
      ? payload.subarray(headEnd)
      : readChunks(keyspace.store, keyspace.codec, entry.generation, entry.size);
  return { ...decodeHead(payload, headEnd), ...decodeDefinition(definition) };
}

/** Changes a job's history and its next run; the definition stays as it lies. In a write txn. */
export function updateCron(keyspace: Keyspace, key: CronKey, change: Partial<CronHistory>, dueMs: number): void {
  const { db, name } = key;
  const entry = findCron(keyspace, key);
  if (entry === null) return;
  const payload = keyspace.copyPayload(entry);
  const headEnd = HEAD_BYTES + payload.readUInt16BE(65);
  const head = encodeHead({ ...decodeHead(payload, headEnd), ...change });
  const { expireAtMs, generation, size, encoding } = entry;
  const { store } = keyspace;
  let p = keyspace.startRecord(name, 0, name.length, entry, CRON, encoding, expireAtMs, generation, size, dueMs);
  p += head.copy(store.putBuffer, p);
  p += payload.copy(store.putBuffer, p, headEnd);
  keyspace.endRecord(db, name, 0, name.length, entry, expireAtMs, p, generation, dueMs);
}

/** The record of a job's key; null when there is none, or another value. */
export function findCron(keyspace: Keyspace, { db, name }: CronKey): Entry | null {
  keyspace.forgetRow();
  const entry = keyspace.find(db, name, 0, name.length);
  return entry === null || entry.type !== CRON ? null : entry;
}

type Head = Omit<CronJob, "script" | "keys" | "args">;

function encodeHead(job: Head): Buffer {
  const error = Buffer.from(job.lastError).subarray(0, ERROR_MAX);
  const head = Buffer.alloc(HEAD_BYTES + error.length);
  head[0] = job.repeats ? 1 : 0;
  head.writeBigInt64BE(job.start, 1);
  head.writeBigInt64BE(job.interval, 9);
  const { createdMs, lastRunMs, runs, failures, missed, lastUsec } = job;
  [createdMs, lastRunMs, runs, failures, missed, lastUsec].forEach((n, i) => {
    head.writeBigUInt64BE(BigInt(n), 17 + i * 8);
  });
  head.writeUInt16BE(error.length, 65);
  error.copy(head, HEAD_BYTES);
  return head;
}

function decodeHead(payload: Buffer, headEnd: number): Head {
  const number = (at: number): number => Number(payload.readBigUInt64BE(at));
  return {
    repeats: payload[0] === 1,
    start: payload.readBigInt64BE(1),
    interval: payload.readBigInt64BE(9),
    createdMs: number(17),
    lastRunMs: number(25),
    runs: number(33),
    failures: number(41),
    missed: number(49),
    lastUsec: number(57),
    lastError: payload.toString("utf8", HEAD_BYTES, headEnd),
  };
}

function encodeDefinition({ script, keys, args }: CronDefinition): Buffer {
  const parts = [script, ...keys, ...args];
  const bytes = Buffer.allocUnsafe(8 + parts.reduce((sum, part) => sum + 4 + part.length, 0));
  bytes.writeUInt32BE(keys.length, 0);
  let at = bytes.writeUInt32BE(args.length, 4);
  for (const part of parts) {
    at = bytes.writeUInt32BE(part.length, at);
    at += part.copy(bytes, at);
  }
  return bytes;
}

function decodeDefinition(bytes: Buffer): Pick<CronDefinition, "script" | "keys" | "args"> {
  const keyCount = bytes.readUInt32BE(0);
  const argCount = bytes.readUInt32BE(4);
  let at = 8;
  const next = (): Buffer => {
    const start = at + 4;
    at = start + bytes.readUInt32BE(at);
    return bytes.subarray(start, at);
  };
  const script = next();
  const keys = Array.from({ length: keyCount }, next);
  return { script, keys, args: Array.from({ length: argCount }, next) };
}
