import t from "tap";
import { expireDueKeys, nextExpiryMs } from "../../../packages/core/src/keyspace/active-expire.ts";
import { COUNTER, SHARED_WORD } from "../../../packages/core/src/ports/counters.ts";
import { startClient } from "../../support/run.ts";
import { expiredListener, openTestKeyspace, STORE_KINDS } from "../../support/test-keyspace.ts";
import { waitUntil } from "../../support/wait-until.ts";

for (const kind of STORE_KINDS) {
  t.test(`keys go in the order of their expiry, some at a time (${kind})`, async (t) => {
    const test = openTestKeyspace(t, kind);
    const { keyspace } = test;
    keyspace.nowMs = 1000;
    test.write(() => {
      for (let i = 0; i < 100; i++) test.set(`k${i}`, "v".repeat(i === 50 ? 40_000 : 5), 2000 + i, i % 4);
      test.set("flushed", "v", 1500, 7);
      test.set("stays", "v");
    });
    t.equal(
      test.read(() => nextExpiryMs(keyspace)),
      1500,
    );
    test.write(() => keyspace.flush(7));
    const order: string[] = [];
    keyspace.listener = expiredListener((db, key, start, end) => {
      order.push(`${db}:${key.toString("latin1", start, end)}`);
    });
    keyspace.nowMs = 2050;
    t.equal(
      test.write(() => expireDueKeys(keyspace, 20)),
      20,
    );
    t.equal(order.length, 19, "the row of a flushed database is no key");
    while (test.write(() => expireDueKeys(keyspace, 20)) === 20);
    t.same(
      order,
      Array.from({ length: 50 }, (_, i) => `${i % 4}:k${i}`),
      "due means past its millisecond",
    );
    t.equal(
      test.read(() => nextExpiryMs(keyspace)),
      2050,
    );
    t.same(test.check().problems, []);
    keyspace.nowMs = 9000;
    while (test.write(() => expireDueKeys(keyspace, 20)) === 20);
    t.equal(
      test.read(() => nextExpiryMs(keyspace)),
      Number.POSITIVE_INFINITY,
    );
    t.equal(test.check().keys, 2, "what stays, and what the reclaimer will remove");
    t.equal(test.shared.counters(0)[COUNTER.expired_keys], 100);
  });
}

t.test("an idle leader removes keys within 100 ms of their deadline", async (t) => {
  const { run, worker } = await startClient(t, { store: "lmdb" });
  const { keyspace } = worker.server;
  const expired = new Map<string, number>();
  keyspace.listener = expiredListener((_db, key, start, end) => {
    expired.set(key.toString("latin1", start, end), Date.now());
  });
  const deadlines = new Map<string, number>();
  for (let i = 0; i < 40; i++) {
    deadlines.set(`k${i}`, Date.now() + 50 + i * 20);
    await run("SET", `k${i}`, "v", "PXAT", deadlines.get(`k${i}`) ?? 0);
  }
  await waitUntil("all are gone", () => expired.size === 40);
  const late = [...deadlines].map(([key, at]) => (expired.get(key) ?? 0) - at).sort((a, b) => a - b);
  t.ok((late[0] ?? 0) >= 0, "none too early");
  // The median tells of the cycle; single values also of other load on the machine.
  t.ok((late[20] ?? 999) <= 110, `median ${late[20]} ms, worst ${late.at(-1)} ms late`);
  t.equal(await run("DBSIZE"), 0);
});

t.test("DEBUG SET-ACTIVE-EXPIRE's switch, and leadership", async (t) => {
  const { run, worker } = await startClient(t, { activeExpire: false });
  const words = worker.shared.words;
  await run("SET", "a", "v", "PX", 1);
  await new Promise((resolve) => setTimeout(resolve, 250));
  t.equal(await run("DBSIZE"), 1);
  Atomics.store(words, SHARED_WORD.leader_slot, 1);
  Atomics.store(words, SHARED_WORD.active_expire_enabled, 1);
  await new Promise((resolve) => setTimeout(resolve, 250));
  t.equal(await run("DBSIZE"), 1, "another process leads");
  Atomics.store(words, SHARED_WORD.leader_slot, worker.shared.slot);
  await waitUntil("the key is gone", async () => (await run("DBSIZE")) === 0);
});

t.test("a failing step is logged and tried again", async (t) => {
  const { run, worker } = await startClient(t);
  const { store } = worker;
  const commit = store.commit;
  let failures = 0;
  await run("SET", "a", "v", "PX", 1);
  store.commit = () => {
    failures++;
    throw new Error("disk full");
  };
  await waitUntil("two failures", () => failures >= 2);
  store.commit = commit;
  await waitUntil("the key is gone", async () => (await run("DBSIZE")) === 0);
  t.ok(worker.warnings.some((text) => text.includes("disk full")));
});
