/**
 * Opens the keyspace of a store: checks the format, makes the hash seed and the databases' first epochs when the store
 * is new.
 */
import { randomBytes } from "node:crypto";
import { FORMAT_VERSION, TABLE } from "../codec/format.ts";
import { KeyCodec } from "../codec/key-codec.ts";
import { readU32, writeU32 } from "../codec/record.ts";
import type { SharedState } from "../ports/shared-state.ts";
import type { OrderedStore } from "../store/ordered-store.ts";
import { Databases } from "./databases.ts";
import { Keyspace } from "./keyspace.ts";

/** The data was written by a newer version than this one. */
export class FormatError extends Error {}

/**
 * `databaseCount` is the `databases` directive. Several processes may call this at once on a new store: the write
 * txn orders them, the first one decides. Throws FormatError when the store's format is unknown.
 */
export function openKeyspace(store: OrderedStore, shared: SharedState, databaseCount: number): Keyspace {
  store.begin(Number.POSITIVE_INFINITY);
  try {
    checkFormat(store);
    const codec = new KeyCodec(store.keyBuffer, hashSeed(store));
    const databases = new Databases(store, codec, databaseCount);
    databases.create();
    databases.flush();
    const keyspace = new Keyspace(store, codec, databases, shared);
    store.commit(false);
    return keyspace;
  } catch (error) {
    if (store.inWriteTxn) store.abort();
    throw error;
  }
}

function metaRow(store: OrderedStore, name: string): number {
  store.keyBuffer[0] = TABLE.meta;
  return 1 + store.keyBuffer.latin1Write(name, 1);
}

function checkFormat(store: OrderedStore): void {
  const row = metaRow(store, "format");
  if (store.get(row) >= 4) {
    const found = readU32(store.valueBuffer, 0);
    if (found > FORMAT_VERSION) {
      throw new FormatError(
        `the data directory has format ${found}, this version knows formats up to ${FORMAT_VERSION}: use a newer keydb-ts`,
      );
    }
    return;
  }
  writeU32(store.putBuffer, 0, FORMAT_VERSION);
  store.put(row, 4);
}

function hashSeed(store: OrderedStore): Buffer {
  const row = metaRow(store, "seed");
  const seed = Buffer.alloc(16);
  if (store.get(row) === 16) {
    store.valueBuffer.copy(seed, 0, 0, 16);
    return seed;
  }
  randomBytes(16).copy(seed);
  seed.copy(store.putBuffer);
  store.put(row, 16);
  return seed;
}
