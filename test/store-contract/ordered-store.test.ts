/** The contract of OrderedStore, run on every implementation: MemoryStore and LmdbStore with and without a lock word. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cursor, MAX_KEY_BYTES, MAX_VALUE_BYTES, type OrderedStore } from "@keydb-ts/core";
import { attachSharedRegion, createSharedRegion, openStore, WriteLock } from "@keydb-ts/shared-mem";
import t, { type Test } from "tap";
import { MemoryStore } from "../support/memory-store.ts";

interface Opened {
  store: OrderedStore;
  close(): void;
}

function openLmdb(withLock: boolean): Opened {
  const directory = mkdtempSync(join(tmpdir(), "keydb-ts-store-"));
  const region = createSharedRegion(join(directory, "region"));
  const lock = withLock ? new WriteLock(attachSharedRegion(region.path, 0)) : null;
  const store = openStore({ directory: join(directory, "data"), lock });
  return {
    store,
    close() {
      store.close();
      rmSync(directory, { recursive: true });
    },
  };
}

const IMPLEMENTATIONS: ReadonlyArray<readonly [name: string, open: () => Opened]> = [
  ["MemoryStore", () => ({ store: new MemoryStore(), close() {} })],
  ["LmdbStore", () => openLmdb(false)],
  ["LmdbStore with a lock word", () => openLmdb(true)],
];

function setKey(store: OrderedStore, key: string | Uint8Array): number {
  const bytes = typeof key === "string" ? Buffer.from(key, "latin1") : Buffer.from(key);
  return bytes.copy(store.keyBuffer);
}
function put(store: OrderedStore, key: string | Uint8Array, value: string): void {
  const length = store.putBuffer.write(value, "latin1");
  store.put(setKey(store, key), length);
}
function get(store: OrderedStore, key: string | Uint8Array): string | null {
  const length = store.get(setKey(store, key));
  return length < 0 ? null : store.valueBuffer.toString("latin1", 0, length);
}
function write(store: OrderedStore, body: () => void): void {
  store.begin(1000);
  body();
  store.commit(false);
}
function keyOf(cursor: Cursor): string {
  return cursor.key.toString("latin1", 0, cursor.keyLength);
}
function allKeys(store: OrderedStore): string[] {
  const cursor = store.openCursor();
  const keys: string[] = [];
  for (let ok = cursor.seek(0); ok; ok = cursor.next()) keys.push(keyOf(cursor));
  cursor.close();
  return keys;
}
/** Deterministic pseudo-random numbers. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
}

for (const [name, open] of IMPLEMENTATIONS) {
  t.test(name, async (t) => {
    function scenario(title: string, body: (t: Test, store: OrderedStore) => void): void {
      t.test(title, async (t) => {
        const { store, close } = open();
        try {
          body(t, store);
        } finally {
          close();
        }
      });
    }

    scenario("point operations", (t, store) => {
      t.equal(get(store, "a"), null);
      write(store, () => {
        put(store, "a", "1");
        t.equal(get(store, "a"), "1", "a txn sees its own writes");
        put(store, "a", "22");
        put(store, "empty", "");
      });
      t.equal(get(store, "a"), "22");
      t.equal(get(store, "empty"), "");
      t.equal(store.has(setKey(store, "empty")), true);
      t.equal(store.has(setKey(store, "b")), false);
      write(store, () => {
        t.equal(store.delete(setKey(store, "a")), true);
        t.equal(store.delete(setKey(store, "a")), false);
        t.equal(get(store, "a"), null);
      });
      t.equal(get(store, "a"), null);
    });

    scenario("the key buffer stays as it is", (t, store) => {
      const image = Buffer.alloc(store.keyBuffer.length);
      for (let i = 0; i < image.length; i++) image[i] = (i * 7) & 0xff;
      image.copy(store.keyBuffer);
      store.begin(1000);
      for (const length of [1, 3, 4, 5, 8, 9, 31, 32, 33, 39, 40, 41, 100, 1977, MAX_KEY_BYTES]) {
        store.put(length, 10);
        store.putFrom(length, Buffer.alloc(5000, length), 0, 5000);
        t.equal(store.get(length), 5000);
        t.equal(store.has(length), true);
        t.equal(store.valueBuffer[4999], length & 0xff);
        t.equal(store.delete(length), true);
        t.equal(store.delete(length), false);
        t.equal(store.get(length), -1);
        t.same(store.keyBuffer.compare(image), 0, `key of ${length} bytes`);
      }
      store.abort();
    });

    scenario("binary keys in byte order", (t, store) => {
      const keys = [[0], [0, 0], [0, 1], [1], [127], [128], [255], [255, 0], [255, 255]].map((k) => Buffer.from(k));
      write(store, () => {
        for (const key of [...keys].reverse()) put(store, key, "v");
      });
      t.same(
        allKeys(store),
        keys.map((key) => key.toString("latin1")),
      );
    });

    scenario("limits", (t, store) => {
      write(store, () => {
        const long = Buffer.alloc(MAX_KEY_BYTES, "k");
        put(store, long, "long");
        t.equal(get(store, long), "long");
        t.throws(() => store.put(MAX_KEY_BYTES + 1, 1), RangeError);
        t.throws(() => store.put(0, 1), RangeError);
        t.throws(() => store.delete(0), RangeError);
        store.putBuffer.fill("x", 0, MAX_VALUE_BYTES);
        store.put(setKey(store, "big"), MAX_VALUE_BYTES);
        t.throws(() => store.put(1, MAX_VALUE_BYTES + 1), RangeError);
        t.throws(() => store.putFrom(1, Buffer.alloc(8), 4, 3), RangeError);
      });
      t.equal(store.get(setKey(store, "big")), MAX_VALUE_BYTES);
      t.equal(store.valueBuffer[MAX_VALUE_BYTES - 1], "x".charCodeAt(0));
    });

    scenario("putFrom takes a part", (t, store) => {
      const pool = Buffer.from("....payload....");
      const big = Buffer.alloc(300_000, "ab");
      write(store, () => {
        store.putFrom(setKey(store, "a"), pool, 4, 11);
        store.putFrom(setKey(store, "b"), new Uint8Array(pool.subarray(2)).subarray(2), 0, 7);
        store.putFrom(setKey(store, "c"), big.subarray(1), 10, 200_000);
        store.putFrom(setKey(store, "d"), pool, 5, 5);
      });
      t.equal(get(store, "a"), "payload");
      t.equal(get(store, "b"), "payload");
      t.equal(get(store, "c"), big.toString("latin1", 11, 200_001));
      t.equal(get(store, "d"), "");
    });

    scenario("abort and errors outside txns", (t, store) => {
      write(store, () => put(store, "a", "1"));
      store.begin(1000);
      t.equal(store.inWriteTxn, true);
      put(store, "a", "2");
      put(store, "b", "2");
      store.abort();
      t.equal(store.inWriteTxn, false);
      t.equal(get(store, "a"), "1");
      t.equal(get(store, "b"), null);
      t.throws(() => put(store, "a", "3"), /outside/);
      t.throws(() => store.delete(1), /outside/);
      t.throws(() => store.commit(false));
      t.throws(() => store.abort());
      store.begin(1000);
      t.throws(() => store.begin(1000));
      t.throws(() => store.renewSnapshot());
      store.commit(true);
      t.equal(get(store, "a"), "1");
    });

    scenario("cursor moves", (t, store) => {
      write(store, () => {
        for (const key of ["b", "d", "f"]) put(store, key, `value of ${key}`);
      });
      const cursor = store.openCursor();
      t.equal(cursor.next(), false, "on no row yet");
      t.equal(cursor.seek(setKey(store, "c")), true);
      t.equal(keyOf(cursor), "d");
      t.equal(cursor.seek(setKey(store, "d")), true);
      t.equal(keyOf(cursor), "d");
      t.equal(cursor.prev(), true);
      t.equal(keyOf(cursor), "b");
      t.equal(cursor.next(), true);
      t.equal(keyOf(cursor), "d");
      t.equal(cursor.next(), true);
      t.equal(keyOf(cursor), "f");
      t.equal(cursor.next(), false);
      t.equal(cursor.next(), false, "stays at the end");
      t.equal(cursor.seekBefore(setKey(store, "d")), true);
      t.equal(keyOf(cursor), "b");
      t.equal(cursor.prev(), false);
      t.equal(cursor.seekBefore(setKey(store, "z")), true);
      t.equal(keyOf(cursor), "f");
      t.equal(cursor.seekBefore(setKey(store, "b")), false);
      t.equal(cursor.seekBefore(0), false);
      t.equal(cursor.seek(setKey(store, "g")), false);
      cursor.close();
      t.throws(() => cursor.next(), /after/);
    });

    scenario("cursor values and point operations in between", (t, store) => {
      write(store, () => {
        for (let i = 0; i < 50; i++) put(store, `key${100 + i}`, `value${i}`);
      });
      const cursor = store.openCursor();
      let i = 0;
      for (let ok = cursor.seek(0); ok; ok = cursor.next(), i++) {
        t.equal(keyOf(cursor), `key${100 + i}`);
        if (i % 5 === 4) continue;
        const keyLength = setKey(store, "key100");
        if (i % 2 === 0) t.equal(store.get(keyLength), 6);
        const length = cursor.readValue();
        t.equal(store.valueBuffer.toString("latin1", 0, length), `value${i}`);
        t.equal(store.keyBuffer.toString("latin1", 0, keyLength), "key100", "readValue leaves the key buffer");
        t.equal(cursor.readValue(), length, "twice");
        t.equal(keyOf(cursor), `key${100 + i}`);
      }
      t.equal(i, 50);
      for (let ok = cursor.seekBefore(setKey(store, "z")); ok; ok = cursor.prev()) {
        i--;
        get(store, "key107");
        t.equal(store.valueBuffer.toString("latin1", 0, cursor.readValue()), `value${i}`);
      }
      t.equal(i, 0);
      cursor.close();
    });

    scenario("writes under an open cursor", (t, store) => {
      write(store, () => {
        for (let i = 0; i < 3000; i++) put(store, `k${10000 + i}`, "v".repeat(i % 200));
        const cursor = store.openCursor();
        let seen = 0;
        for (let ok = cursor.seek(0); ok; ok = cursor.next(), seen++) {
          t.equal(keyOf(cursor), `k${10000 + seen}`) || t.fail("order");
          if (seen % 3 === 0) cursor.deleteCurrent();
          else if (seen % 3 === 1) store.delete(setKey(store, keyOf(cursor)));
          else put(store, keyOf(cursor), "grown".repeat(100));
        }
        t.equal(seen, 3000);
        cursor.close();
      });
      t.equal(allKeys(store).length, 1000);
      write(store, () => {
        const cursor = store.openCursor();
        let left = 1000;
        for (let ok = cursor.seekBefore(setKey(store, "z")); ok; ok = cursor.prev()) {
          left--;
          t.equal(cursor.readValue(), 500);
          cursor.deleteCurrent();
          if (left === 500) {
            t.throws(() => cursor.readValue(), /deleted/);
            t.throws(() => cursor.deleteCurrent(), /deleted/);
          }
        }
        t.equal(left, 0);
        cursor.close();
      });
      t.same(allKeys(store), []);
    });

    scenario("a deleted row and a change of direction", (t, store) => {
      write(store, () => {
        for (const key of ["a", "b", "c", "d"]) put(store, key, key);
        const cursor = store.openCursor();
        cursor.seek(setKey(store, "b"));
        cursor.deleteCurrent();
        t.equal(cursor.prev(), true);
        t.equal(keyOf(cursor), "a");
        t.equal(cursor.next(), true);
        t.equal(keyOf(cursor), "c");
        cursor.deleteCurrent();
        t.equal(cursor.next(), true);
        t.equal(keyOf(cursor), "d");
        cursor.deleteCurrent();
        t.equal(cursor.next(), false);
        cursor.close();
      });
      t.same(allKeys(store), ["a"]);
    });

    scenario("cursors end with their txn or snapshot", (t, store) => {
      write(store, () => put(store, "a", "1"));
      const reading = store.openCursor();
      t.equal(reading.seek(0), true);
      t.throws(() => reading.deleteCurrent(), /outside/);
      store.begin(1000);
      t.throws(() => reading.next(), /after/);
      const first = store.openCursor();
      const second = store.openCursor();
      t.equal(first.seek(0), true);
      t.equal(second.seek(0), true);
      store.commit(false);
      t.throws(() => first.next(), /after/);
      first.close();
      const again = store.openCursor();
      t.equal(again.seek(0), true);
      store.renewSnapshot();
      t.throws(() => again.seek(0), /after/);
      again.close();
      reading.close();
      second.close();
      store.begin(1000);
      const writing = store.openCursor();
      t.equal(writing.seek(0), true);
      writing.close();
      store.abort();
      store.releaseSnapshot();
      t.equal(get(store, "a"), "1");
    });

    scenario("many cursors at once", (t, store) => {
      write(store, () => {
        for (let i = 0; i < 100; i++) put(store, `k${100 + i}`, "v");
      });
      for (const inTxn of [false, true]) {
        if (inTxn) store.begin(1000);
        const cursors = Array.from({ length: 40 }, () => store.openCursor());
        cursors.forEach((cursor, i) => void cursor.seek(setKey(store, `k${100 + i}`)));
        for (let step = 0; step < 20; step++) for (const cursor of cursors) cursor.next();
        t.same(
          cursors.map(keyOf),
          Array.from({ length: 40 }, (_, i) => `k${120 + i}`),
        );
        for (const cursor of cursors) cursor.close();
        for (const cursor of cursors) cursor.close();
        if (inTxn) store.commit(false);
      }
    });

    scenario("random operations equal a model", (t, store) => {
      const random = generator(42);
      let model = new Map<string, string>();
      for (let round = 0; round < 60; round++) {
        const next = new Map(model);
        store.begin(1000);
        for (let i = 0; i < 60; i++) {
          const key = `key:${random(400)}:${"p".repeat(random(60))}`;
          if (random(3) === 0) {
            const existed = next.delete(key);
            if (store.delete(setKey(store, key)) !== existed) t.fail(`delete ${key}`);
          } else {
            const value = "v".repeat(random(random(20) === 0 ? 9000 : 120));
            next.set(key, value);
            put(store, key, value);
          }
        }
        if (round % 4 === 3) store.abort();
        else {
          store.commit(false);
          model = next;
        }
      }
      t.same(allKeys(store), [...model.keys()].sort());
      for (const [key, value] of model) if (get(store, key) !== value) t.fail(`value of ${key}`);
    });

    scenario("rows written again and again equal a model", (t, store) => {
      const random = generator(7);
      // A few rows that are met all the time, and more than a store may hold on to.
      const someKey = (): string => {
        if (random(3) > 0) return `hot:${random(6)}`;
        return random(40) === 0 ? `${"long".repeat(16)}${random(3)}` : `warm:${random(700)}`;
      };
      const someValue = (): string => `${random(1000)}:${"v".repeat(random(random(30) === 0 ? 9000 : 90))}`;
      let rows = new Map<string, string>();
      const change = (): void => {
        const key = someKey();
        const what = random(12);
        if (what === 0) {
          if (store.delete(setKey(store, key)) !== rows.delete(key)) t.fail(`delete ${key}`);
        } else if (what < 6) {
          if (get(store, key) !== (rows.get(key) ?? null)) t.fail(`value of ${key}`);
        } else if (what === 6) {
          const cursor = store.openCursor();
          for (let ok = cursor.seek(setKey(store, key)), n = 0; ok && n < 4; ok = cursor.next(), n++) {
            const value = store.valueBuffer.toString("latin1", 0, cursor.readValue());
            if (value !== rows.get(keyOf(cursor))) t.fail(`value of ${keyOf(cursor)} by a cursor`);
            if (random(3) === 0) {
              rows.set(keyOf(cursor), "through the cursor");
              put(store, keyOf(cursor), "through the cursor");
            } else if (random(8) === 0) {
              rows.delete(keyOf(cursor));
              cursor.deleteCurrent();
            }
          }
          cursor.close();
        } else {
          const value = someValue();
          if (what === 8) {
            const isNew = !rows.has(key);
            if (isNew) rows.set(key, value);
            const length = store.putBuffer.write(value, "latin1");
            if (store.insert(setKey(store, key), length) !== isNew) t.fail(`insert ${key}`);
            return;
          }
          rows.set(key, value);
          if (what === 7) {
            const bytes = Buffer.from(`--${value}`, "latin1");
            store.putFrom(setKey(store, key), bytes, 2, bytes.length);
          } else put(store, key, value);
        }
      };
      for (let round = 0; round < 40; round++) {
        store.begin(1000);
        const before = new Map(rows);
        for (let step = 0; step < 400; step++) change();
        if (round % 5 === 4) {
          store.abort();
          rows = before;
          continue;
        }
        store.commit(false);
        if (round % 8 === 0) t.same(allKeys(store), [...rows.keys()].sort(), `after txn ${round}`);
        for (const [key, value] of rows) if (get(store, key) !== value) t.fail(`value of ${key} after a commit`);
      }
    });
  });
}
