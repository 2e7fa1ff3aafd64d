import t, { type Test } from "tap";
import { expireSeenKeys, forgetSeenKeys } from "../../../packages/core/src/keyspace/active-expire.ts";
import { reclaim } from "../../../packages/core/src/keyspace/reclaim.ts";
import { COUNTER } from "../../../packages/core/src/ports/counters.ts";
import {
  bytesOf,
  expiredListener,
  NO_EXPIRY,
  openTestKeyspace,
  STORE_KINDS,
  type TestKeyspace,
} from "../../support/test-keyspace.ts";

const LONG = `${"k".repeat(5000)}\0\xff end`;
const KEYS = ["", "a", "\0", "\xff\xfe\r\n", "x".repeat(48), "x".repeat(49), "y".repeat(1900), "y".repeat(1901), LONG];

function reclaimAll(test: TestKeyspace): void {
  while (test.write(() => reclaim(test.keyspace, 100)) > 0 || test.check().trash > 0);
}

function checkClean(t: Test, test: TestKeyspace): void {
  t.same(test.check().problems, []);
}

for (const kind of STORE_KINDS) {
  t.test(`keys of every kind (${kind})`, async (t) => {
    const test = openTestKeyspace(t, kind);
    const { keyspace } = test;
    const far = Date.now() + 100_000;
    test.write(() => {
      for (const key of KEYS) test.set(key, `value of ${key.length}`, far);
    });
    t.equal(
      test.read(() => keyspace.size(0)),
      KEYS.length,
    );
    checkClean(t, test);
    test.read(() => {
      for (const key of KEYS) {
        const entry = test.find(key);
        if (entry === null) throw new Error(`lost ${key.length}`);
        t.equal(keyspace.copyPayload(entry).toString(), `value of ${key.length}`);
        t.equal(entry.expireAtMs, far);
        t.equal(test.find(`${key}1`), null, "a longer name is another key");
      }
    });

    // Overwriting, renaming to and from long names, other databases.
    test.write(() => {
      for (const key of KEYS) test.set(key, "z".repeat(20_000), far + 1);
    });
    checkClean(t, test);
    test.write(() => {
      for (const key of KEYS) {
        const from = bytesOf(key);
        const to = bytesOf(key.length > 1000 ? `short ${key.length}` : `${LONG}${key}`);
        const entry = keyspace.find(0, from, 0, from.length);
        if (entry === null) throw new Error("lost");
        keyspace.move(0, from, 0, from.length, entry, 3, to, 0, to.length);
      }
    });
    checkClean(t, test);
    t.equal(
      test.read(() => keyspace.size(0)),
      0,
    );
    t.equal(
      test.read(() => keyspace.size(3)),
      KEYS.length,
    );
    t.equal(
      test.read(() => test.find(LONG + KEYS[1], 3)?.size),
      20_000,
    );

    // Expiry changes and goes.
    test.write(() => {
      const key = bytesOf(`${LONG}a`);
      for (const at of [far + 5, NO_EXPIRY, far + 6, far + 6, far + 7]) {
        const entry = keyspace.find(3, key, 0, key.length);
        if (entry === null) throw new Error("lost");
        keyspace.setExpiry(3, key, 0, key.length, entry, at);
      }
    });
    checkClean(t, test);
    t.equal(
      test.read(() => keyspace.databases.countsOf(keyspace.epochOf(3)).expires),
      KEYS.length,
    );

    test.write(() => {
      for (const key of KEYS) test.delete(key.length > 1000 ? `short ${key.length}` : `${LONG}${key}`, 3);
    });
    checkClean(t, test);
    reclaimAll(test);
    const report = test.check();
    t.same([report.keys, report.expires, report.elements, report.trash, report.problems], [0, 0, 0, 0, []]);
    const counts = test.read(() => ({ ...keyspace.databases.countsOf(keyspace.epochOf(3)) }));
    t.same([counts.keys, counts.expires, counts.expirySum], [0, 0, 0]);
  });

  t.test(`a due key is hidden from reads, noted by them and deleted by writes (${kind})`, async (t) => {
    const test = openTestKeyspace(t, kind);
    const { keyspace } = test;
    let noted = 0;
    keyspace.onDue = () => noted++;
    keyspace.nowMs = 1_000_000;
    test.write(() => {
      for (const key of KEYS) test.set(key, "v", 1_000_000);
    });
    t.ok(
      test.read(() => test.find("a")),
      "alive at its very millisecond, as in Redis",
    );
    keyspace.nowMs++;
    test.read(() => {
      for (const key of KEYS) t.equal(test.find(key), null);
    });
    t.equal(noted, 1, "told once for all");
    t.equal(keyspace.due.length, KEYS.length);
    t.equal(
      test.read(() => keyspace.size(0)),
      KEYS.length,
    );
    const expired: string[] = [];
    keyspace.listener = expiredListener((_db, key, start, end) => {
      expired.push(key.toString("latin1", start, end));
    });
    test.write(() => expireSeenKeys(keyspace, 100));
    t.same([...expired].sort(), [...KEYS].sort(), "whole names, long ones too");
    forgetSeenKeys(keyspace);
    t.equal(keyspace.due.length, 0);
    t.equal(
      test.read(() => keyspace.size(0)),
      0,
    );
    t.equal(test.shared.counters(0)[COUNTER.expired_keys], KEYS.length);
    checkClean(t, test);

    // A key that was set again in the meantime is left alone.
    test.write(() => test.set("a", "old", keyspace.nowMs - 1));
    test.read(() => test.find("a"));
    test.write(() => test.set("a", "new"));
    test.write(() => expireSeenKeys(keyspace, 100));
    t.ok(test.read(() => test.find("a")));
    checkClean(t, test);
  });

  t.test(`FLUSHDB and SWAPDB are O(1), trash is reclaimed (${kind})`, async (t) => {
    const test = openTestKeyspace(t, kind);
    const { keyspace } = test;
    test.write(() => {
      for (let i = 0; i < 500; i++) test.set(`k${i}`, "v".repeat(i % 50 === 0 ? 40_000 : 10), i % 3 ? NO_EXPIRY : 9e12);
      test.set(LONG, "v", 9e12);
      test.set("other", "v", NO_EXPIRY, 1);
    });
    test.write(() => {
      t.equal(keyspace.flush(0), 501);
      t.equal(keyspace.flush(0), 0);
      t.equal(keyspace.size(0), 0);
      t.equal(test.find("k1"), null);
      test.set("k1", "again");
      t.equal(keyspace.size(0), 1);
    });
    checkClean(t, test);
    test.write(() => keyspace.swap(0, 1));
    t.same(
      test.read(() => [test.find("other") !== null, test.find("k1") !== null, test.find("k1", 1) !== null]),
      [true, false, true],
    );
    checkClean(t, test);
    let steps = 0;
    while (test.check().trash > 0) {
      test.write(() => reclaim(keyspace, 50));
      checkClean(t, test);
      steps++;
    }
    t.ok(steps > 10, `in ${steps} bounded steps`);
    const report = test.check();
    t.same([report.keys, report.expires, report.elements], [2, 0, 0]);
  });

  t.test(`what a dropped txn did is forgotten (${kind})`, async (t) => {
    const test = openTestKeyspace(t, kind);
    const { keyspace } = test;
    test.write(() => {
      test.set("a", "v".repeat(20_000), 9e12);
      test.set("b", "v");
    });
    const epochs = [...keyspace.databases.epochs];
    keyspace.begin(1000);
    keyspace.flush(0);
    keyspace.swap(2, 3);
    test.set("c", "v".repeat(20_000), 9e12);
    keyspace.abort();
    t.same(
      test.read(() => [...keyspace.databases.epochs]),
      epochs,
    );
    t.equal(
      test.read(() => keyspace.size(0)),
      2,
    );
    checkClean(t, test);
  });

  t.test(`a commit that fails leaves no epoch behind (${kind})`, async (t) => {
    const test = openTestKeyspace(t, kind);
    const { keyspace, store } = test;
    test.write(() => test.set("a", "v"));
    const epochs = [...keyspace.databases.epochs];
    keyspace.begin(1000);
    keyspace.flush(0);
    const commit = store.commit;
    store.commit = () => {
      throw new Error("disk full");
    };
    t.throws(() => keyspace.commit(false), { message: "disk full" });
    store.commit = commit;
    keyspace.abort();
    t.same(
      test.read(() => [...keyspace.databases.epochs]),
      epochs,
    );
    t.ok(test.read(() => test.find("a")));
    checkClean(t, test);
  });
}

t.test("the checker finds what is wrong", async (t) => {
  const test = openTestKeyspace(t, "memory");
  const { keyspace, store } = test;
  test.write(() => {
    test.set("a", "v", 9e12);
    test.set("b", "v".repeat(40_000));
    test.set(LONG, "v");
  });
  const { codec } = keyspace;
  const damage = (what: string, spoil: () => void): void => {
    keyspace.begin(1000);
    spoil();
    keyspace.forgetRow();
    keyspace.databases.flush();
    store.commit(false);
    const report = test.check();
    t.ok(report.problemCount > 0, `${what}: ${report.problems[0]}`);
  };
  damage("an element without owner", () => store.put(codec.chunkRow(99, 0), 3));
  damage("a second owner", () => store.put(codec.trashRow(0, 1), 0));
  damage("a wrong count", () => keyspace.databases.countKey(keyspace.epochOf(0), 1));
  damage("a lost expires row", () =>
    store.delete(codec.toExpiresRow(codec.keyRow(keyspace.epochOf(0), bytesOf("a"), 0, 1), 9e12)),
  );
  damage("a stray expires row", () =>
    store.put(codec.toExpiresRow(codec.keyRow(keyspace.epochOf(0), bytesOf("z"), 0, 1), 9e12), 0),
  );
  damage("a lost key row", () => store.delete(codec.keyRow(keyspace.epochOf(0), bytesOf("b"), 0, 1)));
});
