/** Copies of keys and of the elements of large values. */
import { TABLE } from "../codec/format.ts";
import { ELEMENT_SUBKEY } from "../codec/key-codec.ts";
import { exactExpiry, NO_EXPIRY, readU64 } from "../codec/record.ts";
import type { Keyspace } from "./keyspace.ts";

/**
 * Gives a new generation the same elements as `generation`, whatever type they belong to, and returns it. In a write
 * txn. O(elements), one cursor, nothing held in memory.
 */
export function copyGeneration(keyspace: Keyspace, generation: number): number {
  const { store, codec } = keyspace;
  const copy = keyspace.databases.newGeneration();
  keyspace.forgetRow();
  const cursor = store.openCursor();
  try {
    let found = cursor.seek(codec.elementRow(generation));
    while (found && cursor.key[0] === TABLE.elements && readU64(cursor.key, 1) === generation) {
      const length = cursor.readValue();
      store.valueBuffer.copy(store.putBuffer, 0, 0, length);
      codec.elementRow(copy);
      cursor.key.copy(store.keyBuffer, ELEMENT_SUBKEY, ELEMENT_SUBKEY, cursor.keyLength);
      store.put(cursor.keyLength, length);
      found = cursor.next();
    }
  } finally {
    cursor.close();
  }
  return copy;
}

/**
 * Copies the existing key `buf[start..end)` with its expiry to a name (and database) where nothing exists. The copy has
 * a version stamp of its own.
 */
export function copyKey(
  keyspace: Keyspace,
  db: number,
  buf: Buffer,
  start: number,
  end: number,
  toDb: number,
  toBuf: Buffer,
  toStart: number,
  toEnd: number,
): void {
  const entry = keyspace.find(db, buf, start, end);
  if (entry === null) throw new Error("copyKey: there is no such key");
  const payload = keyspace.copyPayload(entry);
  const { type, encoding, expireAtMs, size, memberExpireAtMs } = entry;
  const generation = entry.generation === 0 ? 0 : copyGeneration(keyspace, entry.generation);
  if (expireAtMs !== NO_EXPIRY) keyspace.expiryOf(exactExpiry(entry));
  const p = keyspace.startRecord(
    toBuf,
    toStart,
    toEnd,
    null,
    type,
    encoding,
    expireAtMs,
    generation,
    size,
    memberExpireAtMs,
  );
  payload.copy(keyspace.store.putBuffer, p);
  const payloadEnd = p + payload.length;
  keyspace.endRecord(toDb, toBuf, toStart, toEnd, null, expireAtMs, payloadEnd, generation, memberExpireAtMs);
}
