/** The region files of killed servers go, those of running ones stay. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClaimedRegion } from "@keydb-ts/shared-mem";
import t, { type Test } from "tap";

async function owner(t: Test, path: string): Promise<() => Promise<void>> {
  const child = fork(join(import.meta.dirname, "region-owner.ts"), [path]);
  t.teardown(() => child.kill("SIGKILL"));
  await once(child, "message");
  return async () => {
    child.kill("SIGKILL");
    await once(child, "exit");
  };
}

t.test("stale files are removed, live and foreign ones kept", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "region-claim-"));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  const live = join(dir, "keydb-ts.0.aaaa");
  const dead = join(dir, "keydb-ts.0.bbbb");
  const foreign = join(dir, "keydb-ts.1.cccc");
  const other = join(dir, "other");
  await owner(t, live);
  const kill = await owner(t, dead);
  await kill();
  writeFileSync(foreign, Buffer.alloc(64));
  writeFileSync(other, "");
  t.ok(existsSync(dead));
  const region = createClaimedRegion(join(dir, "keydb-ts.0.dddd"));
  t.same([live, dead, foreign, other, region.path].map(existsSync), [true, false, true, true, true]);
});
