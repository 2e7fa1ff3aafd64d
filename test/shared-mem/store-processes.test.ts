/** The store among several processes: nothing lost, nothing stale, nobody hangs when a process is killed. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  attachSharedRegion,
  clearDeadOwner,
  createSharedRegion,
  type LockOwner,
  openStore,
  readOwner,
  WriteLock,
} from "@keydb-ts/shared-mem";
import t, { type Test } from "tap";
import { waitUntil } from "../support/wait-until.ts";
import { COUNTER_KEY, commonPairValue, readNumber, writeNumber } from "./store-rows.ts";
import type { Request } from "./store-worker.ts";

const WORKER = new URL("./store-worker.ts", import.meta.url);
const TEST_SLOT = 100;

/** A store directory with this process attached, and workers on demand; all gone at the end of the test. */
function setUp(t: Test) {
  const directory = mkdtempSync(join(tmpdir(), "keydb-ts-processes-"));
  const region = createSharedRegion(join(directory, "region"));
  const own = attachSharedRegion(region.path, TEST_SLOT);
  const lock = new WriteLock(own);
  const store = openStore({ directory: join(directory, "data"), lock });
  const workers: ChildProcess[] = [];
  t.teardown(async () => {
    for (const worker of workers) await kill(worker);
    store.close();
    rmSync(directory, { recursive: true });
  });
  async function startWorker(slot = workers.length): Promise<ChildProcess> {
    const worker = fork(WORKER, [join(directory, "data"), region.path, String(slot)], { serialization: "advanced" });
    workers.push(worker);
    await once(worker, "message");
    return worker;
  }
  return { region, own, lock, store, startWorker };
}

async function ask<T>(worker: ChildProcess, request: Request): Promise<T> {
  const answered = once(worker, "message");
  worker.send(request);
  return (await answered)[0] as T;
}

async function kill(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  const exited = once(worker, "exit");
  worker.kill("SIGKILL");
  await exited;
}

t.test("increments of three processes all count", async (t) => {
  const { store, startWorker, own } = setUp(t);
  const workers = await Promise.all([startWorker(), startWorker(), startWorker()]);
  await Promise.all(workers.map((worker) => ask(worker, { what: "increment", times: 3000 })));
  store.renewSnapshot();
  t.equal(readNumber(store, COUNTER_KEY), 9000);
  t.same(own.liveSlots(), [0, 1, 2, TEST_SLOT]);
  t.equal(own.pidOf(1), workers[1]?.pid);
});

t.test("increments all count while processes open the store and are killed", async (t) => {
  const { store, startWorker, region, own } = setUp(t);
  const writers = [await startWorker(), await startWorker()];
  let isDone = false;
  const totals = writers.map(async (worker) => {
    let total = 0;
    for (; !isDone; total += 500) await ask(worker, { what: "increment", times: 500 });
    return total;
  });
  for (let opened = 0; opened < 30; opened++) {
    const opener = await startWorker(2);
    await kill(opener);
    clearDeadOwner(region, opener.pid as number);
    own.releaseSlot(own.slotOf(opener.pid as number));
  }
  isDone = true;
  const acknowledged = (await Promise.all(totals)).reduce((sum, total) => sum + total, 0);
  store.renewSnapshot();
  t.equal(readNumber(store, COUNTER_KEY), acknowledged);
  t.comment(`${acknowledged} increments`);
});

t.test("10,000 reads after an acknowledged remote write: none is stale", async (t) => {
  const { store, startWorker } = setUp(t);
  const worker = await startWorker();
  let stale = 0;
  for (let i = 1; i <= 10_000; i++) {
    if (i % 3 === 0) readNumber(store, "probe"); // leaves a snapshot from before the write
    await ask(worker, { what: "set", key: "probe", value: i });
    store.renewSnapshot();
    if (readNumber(store, "probe") !== i) stale++;
  }
  t.equal(stale, 0);
});

t.test("a snapshot stays as it is until it is renewed", async (t) => {
  const { store, startWorker } = setUp(t);
  const worker = await startWorker();
  await ask(worker, { what: "set", key: "x", value: 1 });
  store.renewSnapshot();
  t.equal(readNumber(store, "x"), 1);
  await ask(worker, { what: "set", key: "x", value: 2 });
  t.equal(readNumber(store, "x"), 1);
  store.renewSnapshot();
  t.equal(readNumber(store, "x"), 2);
});

t.test("begin gives up in time and tells who holds the lock", async (t) => {
  const { store, startWorker, own, region } = setUp(t);
  const [holder, waiter] = [await startWorker(), await startWorker()];
  await ask(holder, { what: "hold" });
  const start = performance.now();
  t.equal(store.begin(0), false);
  t.ok(performance.now() - start < 50, "at once");
  t.equal(store.inWriteTxn, false);
  const result = await ask<{ got: boolean; waitedMs: number }>(waiter, { what: "begin", timeoutMs: 120 });
  t.equal(result.got, false);
  t.ok(result.waitedMs >= 119 && result.waitedMs < 1000, `waited ${result.waitedMs} ms`);
  const owner = await ask<LockOwner>(waiter, { what: "owner" });
  t.match(owner, { slot: 0, pid: holder.pid as number, tag: 7 });
  t.ok(Date.now() - owner.sinceMs < 20_000);
  t.match(readOwner(region), { pid: holder.pid as number });
  t.equal(readNumber(store, COUNTER_KEY), 0, "reads go on");
  await kill(holder);
  t.equal(clearDeadOwner(region, holder.pid as number), true);
  t.equal(clearDeadOwner(region, holder.pid as number), false);
  own.releaseSlot(0);
  t.equal(readOwner(region), null);
  t.equal(store.begin(1000), true);
  store.commit(false);
});

for (const supervised of [true, false]) {
  t.test(
    `waiters go on when the holder is killed, ${supervised ? "with" : "without"} the supervisor's help`,
    async (t) => {
      const { store, startWorker, region } = setUp(t);
      store.begin(1000);
      writeNumber(store, COUNTER_KEY, 5);
      store.commit(false);
      const [holder, ...waiters] = [await startWorker(), await startWorker(), await startWorker()];
      await ask(holder, { what: "hold-mutex-mid-write" });
      const answers = waiters.map((w) => ask<{ got: boolean; value: number }>(w, { what: "begin", timeoutMs: 60_000 }));
      const lock = new Int32Array(region.memory.bytes, 64, 8);
      await waitUntil("both wait", () => Atomics.load(lock, 1) === 2);
      const start = performance.now();
      const exited = once(holder, "exit").then(() => supervised && clearDeadOwner(region, holder.pid as number));
      holder.kill("SIGKILL");
      for (const result of await Promise.all(answers))
        t.same([result.got, result.value], [true, 5], "its write is gone");
      const tookMs = performance.now() - start;
      t.ok(tookMs < 1000, `took ${tookMs.toFixed(1)} ms`);
      t.comment(`waiters went on ${tookMs.toFixed(1)} ms after the kill`);
      await exited;
    },
  );
}

t.test("60 kills of churning processes tear no txn", async (t) => {
  const { store, startWorker, region, own } = setUp(t);
  let last = 0;
  for (let round = 0; round < 30; round++) {
    const victims = [await startWorker(), await startWorker()];
    for (const victim of victims) await ask(victim, { what: "churn" });
    store.renewSnapshot();
    const before = commonPairValue(store);
    await waitUntil("progress", () => {
      store.renewSnapshot();
      return commonPairValue(store) > before + round;
    });
    for (const victim of victims) {
      await kill(victim);
      clearDeadOwner(region, victim.pid as number);
      own.releaseSlot(own.slotOf(victim.pid as number));
    }
    store.readerCheck();
    t.equal(store.begin(5000), true);
    const now = commonPairValue(store);
    store.commit(false);
    t.ok(now > last);
    last = now;
  }
  t.equal(store.stats().entries, 40);
});

t.test("the reader slot of a dead process is freed", async (t) => {
  const { store, startWorker } = setUp(t);
  const worker = await startWorker();
  await ask(worker, { what: "pin" });
  await kill(worker);
  t.equal(store.readerCheck(), 1);
  t.equal(store.readerCheck(), 0);
});

t.test("an idle process pins no pages", async (t) => {
  const { store } = setUp(t);
  const rewrite = () => {
    for (let i = 0; i < 300; i++) {
      store.begin(1000);
      store.putBuffer.fill(i & 0xff, 0, 50_000);
      store.put(store.keyBuffer.write("big"), 50_000);
      store.commit(false);
    }
  };
  store.get(store.keyBuffer.write("big"));
  store.releaseSnapshot();
  rewrite();
  t.ok(store.stats().usedBytes < 1_000_000, `${store.stats().usedBytes} bytes`);
});
