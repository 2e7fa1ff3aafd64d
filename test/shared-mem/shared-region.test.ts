import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ACCESS_SLOTS,
  COMMAND_SLOTS,
  COUNTER,
  LATENCY_BUCKETS,
  PROCESS_SLOTS,
  sumCounter,
  TOUCH_SLOTS,
} from "@keydb-ts/core";
import {
  attachSharedRegion,
  createSharedRegion,
  isAlive,
  NO_SLOT,
  readOwner,
  requestKill,
  WriteLock,
} from "@keydb-ts/shared-mem";
import t, { type Test } from "tap";

function regionPath(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), "keydb-ts-region-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  return join(directory, "region");
}

t.test("tables of all slots lie apart and are shared between mappings", async (t) => {
  const path = regionPath(t);
  const created = createSharedRegion(path);
  const a = attachSharedRegion(path, 0);
  const b = attachSharedRegion(path, PROCESS_SLOTS - 1);
  t.equal(created.slot, NO_SLOT);
  t.same(created.liveSlots(), [0, PROCESS_SLOTS - 1]);
  t.equal(created.pidOf(0), process.pid);
  t.equal(created.pidOf(5), 0);
  t.equal(created.slotOf(process.pid), 0);
  t.equal(created.slotOf(1), NO_SLOT);
  a.counters(0).fill(1);
  a.commandStats(0).fill(2);
  a.commandLatency(0).fill(3);
  b.counters(b.slot).fill(4);
  b.commandStats(b.slot).fill(5);
  b.commandLatency(b.slot).fill(6);
  a.words.fill(7);
  a.words64.fill(8n);
  a.versionClock.fill(9);
  a.touches.fill(10);
  a.accessClock.fill(11);
  t.ok(created.counters(0).every((x) => x === 1));
  t.equal(created.commandStats(0).length, COMMAND_SLOTS * 4);
  t.ok(created.commandStats(0).every((x) => x === 2));
  t.equal(created.commandLatency(0).length, COMMAND_SLOTS * LATENCY_BUCKETS);
  t.ok(created.commandLatency(0).every((x) => x === 3));
  t.ok(created.counters(b.slot).every((x) => x === 4));
  t.ok(created.commandLatency(b.slot).every((x) => x === 6));
  t.ok(b.words.every((x) => x === 7));
  t.ok(b.words64.every((x) => x === 8n));
  t.same([...b.versionClock], [9, 9]);
  t.equal(b.touches.length, TOUCH_SLOTS);
  t.ok(b.touches.every((x) => x === 10));
  t.equal(b.accessClock.length, ACCESS_SLOTS);
  t.ok(b.accessClock.every((x) => x === 11));
  t.same(created.liveSlots(), [0, PROCESS_SLOTS - 1], "nothing overlaps the pids");
  t.throws(() => a.counters(PROCESS_SLOTS), RangeError);
  t.throws(() => attachSharedRegion(path, PROCESS_SLOTS), RangeError);
});

t.test("a row taken over keeps its totals and loses its gauges", async (t) => {
  const path = regionPath(t);
  const region = createSharedRegion(path);
  const first = attachSharedRegion(path, 3);
  first.counters(3)[COUNTER.connected_clients] = 50;
  first.counters(3)[COUNTER.total_commands_processed] = 1000;
  region.releaseSlot(3);
  t.same(region.liveSlots(), []);
  t.equal(sumCounter(region, COUNTER.connected_clients), 0);
  t.equal(sumCounter(region, COUNTER.total_commands_processed), 1000);
  const second = attachSharedRegion(path, 3);
  t.equal(second.counters(3)[COUNTER.connected_clients], 0);
  t.equal(second.counters(3)[COUNTER.total_commands_processed], 1000);
});

t.test("a slot belongs to one living process", async (t) => {
  const path = regionPath(t);
  createSharedRegion(path);
  const code = `
    const { attachSharedRegion } = await import("@keydb-ts/shared-mem");
    try { attachSharedRegion(process.argv[1], 2); process.stdout.write("taken"); }
    catch (error) { process.stdout.write(error.message); }`;
  const attach = () =>
    spawnSync(process.execPath, ["--input-type=module", "-e", code, path], {
      encoding: "utf8",
      cwd: import.meta.dirname,
    });
  t.equal(attach().stdout, "taken");
  const own = attachSharedRegion(path, 2);
  t.equal(own.pidOf(2), process.pid, "taken over from the process that ended");
  t.match(attach().stdout, `slot 2 of the shared region belongs to process ${process.pid}`);
});

t.test("files that are no region are refused", async (t) => {
  const path = regionPath(t);
  t.throws(() => attachSharedRegion(path, 0), /cannot open the shared region/);
  writeFileSync(path, "something else");
  t.throws(() => attachSharedRegion(path, 0), /no shared region of this version/);
  const region = createSharedRegion(path);
  new Uint32Array(region.memory.bytes, 0, 2)[1] = 99;
  t.throws(() => attachSharedRegion(path, 0), /no shared region of this version/);
  truncateSync(path, 100);
  t.throws(() => attachSharedRegion(path, 0), /no shared region of this version/);
  createSharedRegion(path).remove();
  t.throws(() => attachSharedRegion(path, 0), /cannot open/);
  region.remove();
});

t.test("isAlive", async (t) => {
  t.equal(isAlive(process.pid), true);
  const ended = spawnSync(process.execPath, ["-e", "process.stdout.write(String(process.pid))"], { encoding: "utf8" });
  t.equal(isAlive(Number(ended.stdout)), false);
});

t.test("the lock word within one process", async (t) => {
  const path = regionPath(t);
  const region = createSharedRegion(path);
  const a = new WriteLock(attachSharedRegion(path, 0));
  const b = new WriteLock(attachSharedRegion(path, 1));
  t.throws(() => new WriteLock(region), /slot/);
  t.equal(a.owner(), null);
  t.throws(() => a.release(), /does not hold/);
  t.equal(a.requestKill(), false);
  const before = Date.now();
  t.equal(a.acquire(0), true);
  a.tag = 42;
  t.match(b.owner(), { slot: 0, pid: process.pid, tag: 42 });
  t.ok((readOwner(region)?.sinceMs ?? 0) >= before);
  t.equal(a.isKillRequested, false);
  t.equal(requestKill(region), true);
  t.equal(a.isKillRequested, true);
  t.equal(b.acquire(30), false);
  t.equal(b.waiters, 0);
  t.equal(region.counters(1)[COUNTER.lock_waits], 1);
  t.ok((region.counters(1)[COUNTER.lock_wait_usec] ?? 0) >= 30_000);
  t.equal(region.counters(1)[COUNTER.long_lock_waits], 1);
  t.throws(() => b.release(), /does not hold/);
  a.release();
  t.equal(a.owner(), null, "a waiter that gave up leaves no trace");
  t.equal(b.acquire(0), true);
  t.equal(b.isKillRequested, false, "the kill was for the owner before");
  t.match(b.owner(), { tag: 0 });
  b.release();
  t.equal(region.counters(0)[COUNTER.lock_waits], 0);
});

t.test("a new process in the slot of a dead owner frees the lock", async (t) => {
  const path = regionPath(t);
  const region = createSharedRegion(path);
  t.equal(new WriteLock(attachSharedRegion(path, 4)).acquire(0), true);
  const other = new WriteLock(attachSharedRegion(path, 5));
  t.equal(other.acquire(0), false);
  region.releaseSlot(4);
  const successor = new WriteLock(attachSharedRegion(path, 4));
  t.equal(successor.owner(), null);
  t.equal(other.acquire(0), true);
  other.release();
});
