/**
 * The record cache below LmdbStore: whatever the order of reads, writes, dropped txns and evictions, `get` says what LMDB
 * says. What other processes write is the business of store-processes.test.ts, whose rows are cached too.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attachSharedRegion, createSharedRegion, type LmdbStore, openStore, WriteLock } from "@keydb-ts/shared-mem";
import t, { type Test } from "tap";
import { SeededRandom } from "../support/seeded-random.ts";

function openCached(t: Test): LmdbStore {
  const directory = mkdtempSync(join(tmpdir(), "keydb-ts-cache-"));
  const region = createSharedRegion(join(directory, "region"));
  const lock = new WriteLock(attachSharedRegion(region.path, 0));
  const store = openStore({ directory: join(directory, "data"), lock });
  t.teardown(() => {
    store.close();
    rmSync(directory, { recursive: true });
  });
  return store;
}

/** Rows below this number share a few hashes, so slots and buckets; the others have their own. */
const CROWDED = 1000;

function keyOf(store: LmdbStore, n: number): number {
  const { keyBuffer } = store;
  keyBuffer.fill(0, 0, 11);
  keyBuffer[0] = 1;
  keyBuffer.writeUInt32BE(n < CROWDED ? n % 7 : Math.imul(n, 2654435761) >>> 0, 7);
  return 11 + keyBuffer.write(`key:${n}${"x".repeat(n % 5)}`, 11, "latin1");
}

function put(store: LmdbStore, n: number, value: string): void {
  const length = store.putBuffer.write(value, "latin1");
  store.put(keyOf(store, n), length);
}

function get(store: LmdbStore, n: number): string | undefined {
  const length = store.get(keyOf(store, n));
  return length < 0 ? undefined : store.valueBuffer.latin1Slice(0, length);
}

/** What LMDB says, in the same snapshot. */
function getPast(store: LmdbStore, n: number): string | undefined {
  const wanted = Buffer.from(store.keyBuffer.subarray(0, keyOf(store, n)));
  const cursor = store.openCursor();
  const isThere = cursor.seek(wanted.length) && wanted.equals(cursor.key.subarray(0, cursor.keyLength));
  const value = isThere ? store.valueBuffer.latin1Slice(0, cursor.readValue()) : undefined;
  cursor.close();
  return value;
}

function remove(store: LmdbStore, n: number, byCursor: boolean): void {
  const length = keyOf(store, n);
  if (!byCursor) {
    store.delete(length);
    return;
  }
  const wanted = Buffer.from(store.keyBuffer.subarray(0, length));
  const cursor = store.openCursor();
  if (cursor.seek(length) && wanted.equals(cursor.key.subarray(0, cursor.keyLength))) cursor.deleteCurrent();
  cursor.close();
}

t.test("random reads and writes, txns dropped and committed", async (t) => {
  const store = openCached(t);
  const seed = Date.now();
  const random = new SeededRandom(seed);
  const below = (n: number): number => random.between(0, n - 1);
  t.comment(`seed ${seed}`);
  const rows = 60;
  let committed = new Map<number, string>();
  let wrong = 0;
  for (let round = 0; round < 3000; round++) {
    for (let i = 0; i < 15; i++) {
      const n = below(rows);
      if (below(20) === 0) store.renewSnapshot();
      const value = get(store, n);
      if (value !== committed.get(n) || value !== getPast(store, n)) wrong++;
    }
    const inTxn = new Map(committed);
    store.begin(Number.POSITIVE_INFINITY);
    for (let i = below(12); i > 0; i--) {
      const n = below(rows);
      const what = below(10);
      if (what < 5) {
        const value = `${round}:`.repeat(1 + below(200));
        put(store, n, value);
        inTxn.set(n, value);
      } else if (what < 7) {
        remove(store, n, what === 5);
        inTxn.delete(n);
      }
      const seen = below(rows);
      if (get(store, seen) !== inTxn.get(seen)) wrong++;
    }
    if (below(3) === 0) store.abort();
    else {
      store.commit(false);
      committed = inTxn;
    }
  }
  t.equal(wrong, 0);
});

t.test("more rows than the cache holds, twice over", async (t) => {
  const store = openCached(t);
  const rows = 40_000;
  const value = (n: number): string => `${n}:`.repeat(100).slice(0, 480 + (n % 40));
  store.begin(Number.POSITIVE_INFINITY);
  for (let n = CROWDED; n < rows; n++) put(store, n, value(n));
  store.commit(false);
  let wrong = 0;
  for (let pass = 0; pass < 3; pass++) {
    for (let n = CROWDED; n < rows; n++) if (get(store, n) !== value(n)) wrong++;
    for (let n = CROWDED; n < 5000; n++) if (get(store, n) !== value(n)) wrong++;
    for (let n = rows - 5000; n < rows; n++) if (get(store, n) !== value(n)) wrong++;
  }
  t.equal(wrong, 0);
  t.equal(get(store, rows), undefined);
});
