/**
 * The rows that a write txn keeps back (txn-rows.ts): whatever the order of reads, writes and cursors, point
 * operations and cursors say the same as a map, in the txn and after its end.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attachSharedRegion, createSharedRegion, type LmdbStore, openStore, WriteLock } from "@keydb-ts/shared-mem";
import t, { type Test } from "tap";
import { SeededRandom } from "../support/seeded-random.ts";

const ROWS = 24;

function open(t: Test, withLock: boolean): LmdbStore {
  const directory = mkdtempSync(join(tmpdir(), "keydb-ts-rows-"));
  const region = createSharedRegion(join(directory, "region"));
  const lock = withLock ? new WriteLock(attachSharedRegion(region.path, 0)) : null;
  const store = openStore({ directory: join(directory, "data"), lock });
  t.teardown(() => {
    store.close();
    rmSync(directory, { recursive: true });
  });
  return store;
}

/** Rows of the keys table; some share a hash, some names are too long to be kept. */
function rowOf(n: number): Buffer {
  const head = Buffer.alloc(11);
  head[0] = 1;
  head.writeUInt32BE(n % 3 === 0 ? 7 : Math.imul(n, 2654435761) >>> 0, 7);
  return Buffer.concat([head, Buffer.from(`key:${n}${"x".repeat(n % 8 === 5 ? 118 : n % 5)}`)]);
}

function load(store: LmdbStore, n: number): number {
  return rowOf(n).copy(store.keyBuffer);
}

class Model {
  readonly store: LmdbStore;
  readonly random: SeededRandom;
  rows: Map<number, string> = new Map();
  wrong = 0;

  constructor(store: LmdbStore, random: SeededRandom) {
    this.store = store;
    this.random = random;
  }

  below(n: number): number {
    return this.random.between(0, n - 1);
  }

  get(n: number): void {
    const length = this.store.get(load(this.store, n));
    const value = length < 0 ? undefined : this.store.valueBuffer.latin1Slice(0, length);
    if (value !== this.rows.get(n)) this.wrong++;
    if (!this.store.keyBuffer.subarray(0, rowOf(n).length).equals(rowOf(n))) this.wrong++;
  }

  put(n: number): void {
    const { store } = this;
    const size = [0, 1, 5, 63, 64, 65, 200, 1024, 1025, 3000][this.below(10)] as number;
    const value = String.fromCharCode(97 + this.below(26)).repeat(size);
    const length = load(store, n);
    if (this.below(2) === 0) store.put(length, store.putBuffer.latin1Write(value));
    else store.putFrom(length, Buffer.from(`--${value}-`), 2, 2 + size);
    this.rows.set(n, value);
  }

  remove(n: number): void {
    const { store } = this;
    const had = this.rows.delete(n);
    const length = load(store, n);
    if (this.below(2) === 0) {
      if (store.delete(length) !== had) this.wrong++;
      return;
    }
    const cursor = store.openCursor();
    const isThere = cursor.seek(length) && rowOf(n).equals(cursor.key.subarray(0, cursor.keyLength));
    if (isThere) cursor.deleteCurrent();
    if (isThere !== had) this.wrong++;
    cursor.close();
  }

  /** All rows by a cursor, with a point write in the middle. */
  scan(mayPut: boolean): void {
    const { store } = this;
    const found = new Map<string, string>();
    const cursor = store.openCursor();
    let left = mayPut ? 3 : -1;
    for (let ok = cursor.seek(0); ok; ok = cursor.next()) {
      found.set(cursor.key.latin1Slice(0, cursor.keyLength), store.valueBuffer.latin1Slice(0, cursor.readValue()));
      if (left-- !== 0) continue;
      const first = [...this.rows.keys()].find((n) => rowOf(n).compare(cursor.key, 0, cursor.keyLength) > 0);
      if (first !== undefined) this.put(first);
    }
    cursor.close();
    const wanted = new Map([...this.rows].map(([n, value]) => [rowOf(n).latin1Slice(), value]));
    if (found.size !== wanted.size || [...wanted].some(([key, value]) => found.get(key) !== value)) this.wrong++;
  }

  step(): void {
    const n = this.below(ROWS);
    const kind = this.below(40);
    if (kind < 18) this.get(n);
    else if (kind < 35) this.put(n);
    else if (kind < 38) this.remove(n);
    else this.scan(kind === 39);
  }
}

for (const withLock of [true, false]) {
  t.test(withLock ? "with a lock word" : "without a lock word", async (t) => {
    const seed = Date.now();
    t.comment(`seed ${seed}`);
    const store = open(t, withLock);
    const model = new Model(store, new SeededRandom(seed));
    for (let round = 0; round < 1500; round++) {
      const before = new Map(model.rows);
      store.begin(1000);
      for (let i = model.below(60); i > 0; i--) model.step();
      if (model.below(4) > 0) store.commit(false);
      else {
        store.abort();
        model.rows = before;
      }
      store.renewSnapshot();
      for (let n = 0; n < ROWS; n++) model.get(n);
      model.scan(false);
    }
    t.equal(model.wrong, 0);
  });
}

t.test("a cursor left open when the txn ends holds nothing up in the next", async (t) => {
  const store = open(t, true);
  for (let round = 0; round < 3; round++) {
    store.begin(1000);
    store.openCursor();
    for (let i = 0; i < 5; i++) {
      const length = store.get(load(store, 1));
      store.put(load(store, 1), store.putBuffer.latin1Write(`${length}:${i}`));
    }
    store.commit(false);
  }
  t.equal(store.valueBuffer.latin1Slice(0, store.get(load(store, 1))), "3:4");
});
