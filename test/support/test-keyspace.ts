/** A keyspace without a server, on MemoryStore and on LMDB, for tests of keyspace/ and types/. From the sources. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OrderedStore } from "@keydb-ts/core";
import { attachSharedRegion, createSharedRegion, openStore, WriteLock } from "@keydb-ts/shared-mem";
import type { Entry } from "../../packages/core/src/codec/record.ts";
import { type CheckReport, checkKeyspace } from "../../packages/core/src/keyspace/check.ts";
import type { Keyspace } from "../../packages/core/src/keyspace/keyspace.ts";
import type { KeyspaceListener } from "../../packages/core/src/keyspace/keyspace-listener.ts";
import { openKeyspace } from "../../packages/core/src/keyspace/open-keyspace.ts";
import type { SharedState } from "../../packages/core/src/ports/shared-state.ts";
import { setString } from "../../packages/core/src/types/string.ts";
import { MemoryStore } from "./memory-store.ts";

export const STORE_KINDS = ["memory", "lmdb"] as const;
export type StoreKind = (typeof STORE_KINDS)[number];
export const NO_EXPIRY = -1;

export class TestKeyspace {
  readonly keyspace: Keyspace;
  readonly store: OrderedStore;
  readonly shared: SharedState;
  readonly directory: string;

  constructor(keyspace: Keyspace, store: OrderedStore, shared: SharedState, directory: string) {
    this.keyspace = keyspace;
    this.store = store;
    this.shared = shared;
    this.directory = directory;
  }

  /** Runs `work` in a write txn and commits it. */
  write<T>(work: () => T): T {
    this.keyspace.begin(1000);
    const result = work();
    this.keyspace.commit(false);
    return result;
  }

  /** Runs `work` on a fresh snapshot. */
  read<T>(work: () => T): T {
    this.keyspace.renewSnapshot();
    const result = work();
    this.store.releaseSnapshot();
    return result;
  }

  /** Sets a string inside a write txn. */
  set(key: string | Buffer, value: string | Buffer, expireAtMs = NO_EXPIRY, db = 0): void {
    const k = bytesOf(key);
    const v = bytesOf(value);
    const old = this.keyspace.find(db, k, 0, k.length);
    setString(this.keyspace, db, k, 0, k.length, old, v, 0, v.length, expireAtMs);
  }

  find(key: string | Buffer, db = 0): Entry | null {
    const k = bytesOf(key);
    return this.keyspace.find(db, k, 0, k.length);
  }

  delete(key: string | Buffer, db = 0): boolean {
    const k = bytesOf(key);
    return this.keyspace.delete(db, k, 0, k.length);
  }

  check(): CheckReport {
    return this.read(() => checkKeyspace(this.keyspace));
  }
}

/** A listener that hears of nothing but expired keys. */
export function expiredListener(
  expired: (db: number, key: Buffer, start: number, end: number) => void,
): KeyspaceListener {
  return {
    wantsExpired: true,
    expired,
    wantsCreated: false,
    evicted: () => undefined,
    created: () => undefined,
    wantsMembers: false,
    membersExpired: () => undefined,
    memberExpired: () => undefined,
    wantsMember: false,
  };
}

/** A latin1 string is taken byte for byte. */
export function bytesOf(value: string | Buffer): Buffer {
  return typeof value === "string" ? Buffer.from(value, "latin1") : value;
}

/** Opens a new keyspace that is closed at the end of the test. */
export function openTestKeyspace(
  t: { teardown(body: () => unknown): void },
  kind: StoreKind,
  databases = 16,
): TestKeyspace {
  const directory = mkdtempSync(join(tmpdir(), "keydb-ts-keyspace-"));
  const region = createSharedRegion(join(directory, "region"));
  const shared = attachSharedRegion(region.path, 0);
  const lmdb = kind === "lmdb" ? openStore({ directory: join(directory, "data"), lock: new WriteLock(shared) }) : null;
  const store: OrderedStore = lmdb ?? new MemoryStore();
  t.teardown(() => {
    lmdb?.close();
    rmSync(directory, { recursive: true });
  });
  return new TestKeyspace(openKeyspace(store, shared, databases), store, shared, directory);
}
