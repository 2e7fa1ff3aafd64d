import t from "tap";
import { expireDueKeys } from "../../../packages/core/src/keyspace/active-expire.ts";
import { FormatError, openKeyspace } from "../../../packages/core/src/keyspace/open-keyspace.ts";
import { openTestKeyspace, STORE_KINDS, TestKeyspace } from "../../support/test-keyspace.ts";

for (const kind of STORE_KINDS) {
  t.test(`the number of databases may change between starts (${kind})`, async (t) => {
    const first = openTestKeyspace(t, kind, 4);
    first.write(() => {
      first.set("a", "v", 9e12, 0);
      first.set("b", "v", 5000, 3);
    });
    const reopen = (count: number): TestKeyspace =>
      new TestKeyspace(openKeyspace(first.store, first.shared, count), first.store, first.shared, first.directory);
    first.keyspace.nowMs = 4000;
    const more = reopen(16);
    more.keyspace.nowMs = 4000;
    more.write(() => more.set("c", "v", -1, 15));
    const sizes = (test: TestKeyspace): number[] =>
      test.read(() => Array.from({ length: test.keyspace.databases.count }, (_, db) => test.keyspace.size(db)));
    t.same(sizes(more), [1, 0, 0, 1, ...Array(11).fill(0), 1]);
    t.same(more.check().problems, []);
    const fewer = reopen(2);
    t.same(sizes(fewer), [1, 0]);
    fewer.write(() => {
      fewer.keyspace.swap(0, 1);
      fewer.keyspace.flush(0);
    });
    t.same(fewer.check().problems, []);
    fewer.keyspace.nowMs = 4000;
    fewer.write(() => expireDueKeys(fewer.keyspace, 100));
    const again = reopen(16);
    again.keyspace.nowMs = 4000;
    t.same(sizes(again), [0, 1, 0, 1, ...Array(11).fill(0), 1], "databases out of reach keep what they have");
    t.same(again.check().problems, []);
    t.same(
      first.read(() => first.keyspace.size(1)),
      1,
      "and a keyspace that was open all the time sees it",
    );
  });

  t.test(`numbers are never given twice (${kind})`, async (t) => {
    const test = openTestKeyspace(t, kind);
    const { keyspace } = test;
    const generations = new Set<number>();
    for (let i = 0; i < 20; i++) {
      test.write(() => {
        for (let n = 0; n < 3; n++) generations.add(keyspace.databases.newGeneration());
        test.set("k", "v".repeat(20_000));
        keyspace.flush(0);
      });
    }
    t.equal(generations.size, 60);
    t.same(test.check().problems, []);
  });
}

t.test("data of a newer version is refused", async (t) => {
  const test = openTestKeyspace(t, "memory");
  test.store.begin(1000);
  test.store.putBuffer.writeUInt32BE(999, 0);
  test.store.put(test.keyspace.codec.metaRow("format"), 4);
  test.store.commit(false);
  try {
    openKeyspace(test.store, test.shared, 16);
    t.fail("opened");
  } catch (error) {
    t.ok(error instanceof FormatError && error.message.includes("use a newer"));
  }
  t.notOk(test.store.inWriteTxn);
});
