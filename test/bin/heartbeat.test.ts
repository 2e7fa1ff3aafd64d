/** When the supervisor ends a worker that holds the write lock. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSharedRegion, readOwner } from "@keydb-ts/shared-mem";
import t, { type Test } from "tap";
import { LockWatch } from "../../bin/src/heartbeat.ts";
import { waitUntil } from "../support/wait-until.ts";

async function holder(t: Test, mode: "idle" | "busy"): Promise<{ watch: LockWatch; pid: number; stop(): void }> {
  const dir = mkdtempSync(join(tmpdir(), "heartbeat-"));
  const region = createSharedRegion(join(dir, "region"));
  const child = fork(join(import.meta.dirname, "lock-holder.ts"), [region.path, mode]);
  t.teardown(() => {
    child.kill("SIGKILL");
    rmSync(dir, { recursive: true, force: true });
  });
  await once(child, "message");
  await waitUntil("the lock to be taken", () => readOwner(region));
  return { watch: new LockWatch(region), pid: child.pid ?? 0, stop: () => child.kill("SIGSTOP") };
}

t.test("a stopped owner is ended soon", async (t) => {
  const { watch, pid, stop } = await holder(t, "idle");
  stop();
  await waitUntil("the owner stands still", () => /\) T /.test(readFileSync(`/proc/${pid}/stat`, "latin1")));
  const now = Date.now() + 2_000;
  t.same(watch.look(now), []);
  t.same(watch.look(now + 5_000), []);
  t.match(watch.look(now + 16_000), [{ pid, reason: /holds the write lock/ }]);
});

t.test("an owner that computes gets longer", async (t) => {
  const { watch, pid } = await holder(t, "busy");
  const now = Date.now() + 2_000;
  watch.look(now);
  await new Promise((resolve) => setTimeout(resolve, 60));
  t.same(watch.look(now + 16_000), []);
  await new Promise((resolve) => setTimeout(resolve, 60));
  t.match(watch.look(now + 400_000), [{ pid }]);
});

t.test("a free lock concerns nobody", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "heartbeat-"));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  const watch = new LockWatch(createSharedRegion(join(dir, "region")));
  t.same(watch.look(Date.now() + 1_000_000), []);
});
