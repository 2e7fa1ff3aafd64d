/**
 * What only KeyDB knows: a job of KEYDB.CRON as script, start, interval, keys, arguments (its form; whether the job repeats
 * stands behind the object, and what became of its runs is left out), and a nested hash as one string (ours: KeyDB has no
 * form for it).
 */
import type { Entry } from "../codec/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { createCron, readCron } from "../types/cron-job.ts";
import { nestedBytes, parseNested, saveNested } from "../types/nested-hash.ts";
import { RDB_TYPE } from "./rdb-format.ts";
import type { RdbObject } from "./rdb-object.ts";
import { DamagedPayload, type RdbReader } from "./rdb-reader.ts";
import type { RdbWriter } from "./rdb-writer.ts";

/** Returns whether the job repeats. */
export function writeCronObject(keyspace: Keyspace, entry: Entry, to: RdbWriter): boolean {
  const job = readCron(keyspace, entry);
  to.byte(RDB_TYPE.cron);
  to.string(job.script);
  to.milliseconds(job.start);
  to.milliseconds(job.interval);
  for (const texts of [job.keys, job.args]) {
    to.length(texts.length);
    for (const text of texts) to.string(text);
  }
  return job.repeats;
}

/** `repeats` is asked when the job is stored: it is told behind the object. */
export function readCronObject(from: RdbReader, repeats: () => boolean): RdbObject {
  const script = from.string();
  const start = from.milliseconds();
  const interval = from.milliseconds();
  const texts = (): Buffer[] => Array.from({ length: from.count() }, () => from.string());
  const keys = texts();
  const args = texts();
  if (interval <= 0n) throw new DamagedPayload();
  return {
    store: (key) => {
      const name = Buffer.from(key.buffer.subarray(key.start, key.end));
      createCron(key.keyspace, key.db, name, { repeats: repeats(), start, interval, script, keys, args });
    },
  };
}

export function writeNestedObject(keyspace: Keyspace, entry: Entry, to: RdbWriter): void {
  to.byte(RDB_TYPE.nested);
  to.string(nestedBytes(keyspace, entry));
}

export function readNestedObject(from: RdbReader): RdbObject {
  const root = parseNested(from.string());
  if (root === null) throw new DamagedPayload();
  return {
    store: ({ keyspace, db, buffer, start, end }) => saveNested(keyspace, db, buffer, start, end, null, root),
  };
}
