// Two processes: the op logs are told in the order of the write lock, which is the order of the entries of a stream.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSharedRegion } from "@keydb-ts/shared-mem";
import t from "tap";
import { startWorker } from "../support/run.ts";

const ENTRIES = 150;
const PER_PROCESS = ENTRIES * 3 + (ENTRIES / 10) * 2;

t.test("what two processes tell is in the order in which it happened", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "keydb-ts-effects-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const regionPath = createSharedRegion(join(directory, "region")).path;
  const file = join(directory, "told");
  const codes = await Promise.all(
    [1, 2].map((slot) => {
      const script = join(import.meta.dirname, "../support/effects-writer.ts");
      const args = [directory, regionPath, String(slot), file, String(ENTRIES), "2"];
      const child = spawn(process.execPath, [script, ...args], { stdio: "inherit" });
      return new Promise((resolve) => child.on("exit", resolve));
    }),
  );
  t.same(codes, [0, 0]);
  const units = readFileSync(file, "utf8").trimEnd().split("\n");
  const told = units.flatMap((unit) => unit.split("|")).map((line) => line.split(" ").slice(3));
  t.equal(told.length, 2 * PER_PROCESS);
  t.equal(units.filter((unit) => unit.includes("|")).length, (2 * ENTRIES) / 10, "one group for each transaction");
  const switches = told.filter((entry, i) => i > 0 && entry[2] !== told[i - 1]?.[2]).length;
  t.ok(switches > 1, `the processes took turns, ${switches} times`);

  const worker = await startWorker(t, { place: { directory, regionPath, slot: 3 } });
  const entries = (await worker.connect().run("XRANGE", "x", "-", "+")) as [string, string[]][];
  t.same(
    told.map(([id, , slot]) => `${id} ${slot}`),
    entries.map(([id, [, slot]]) => `${id} ${slot}`),
  );
});
