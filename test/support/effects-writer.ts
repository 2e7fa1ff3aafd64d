/**
 * A process that writes, for test/model/effects-order.test.ts: three clients add entries to one stream, and its op log
 * appends what it is told to a file that all processes share. Not a test itself.
 */
import { appendFileSync } from "node:fs";
import { lineOf } from "./op-log.ts";
import { startWorker } from "./run.ts";
import { waitUntil } from "./wait-until.ts";

const [directory = "", regionPath = "", slot = "0", file = "", entries = "0", processes = "1"] = process.argv.slice(2);

const ends: (() => unknown)[] = [];
const teardown = (body: () => unknown): void => void ends.push(body);
const worker = await startWorker({ teardown }, { place: { directory, regionPath, slot: Number(slot) } });
const clients = [worker.connect(), worker.connect(), worker.connect()] as const;
// All begin together.
await clients[0].run("INCR", "ready");
await waitUntil("the other process", async () => (await clients[0].run("GET", "ready")) === processes);
worker.server.tellEffects({
  append: (unit) => appendFileSync(file, `${unit.map(lineOf).join("|")}\n`),
  committed: () => undefined,
  dropped: () => undefined,
});
for (let i = 0; i < Number(entries); i++) {
  // Some in one txn, some alone, and a transaction among them.
  const adds = clients.map((client) => client.run("XADD", "x", "*", "slot", slot));
  if (i % 10 === 0) {
    const [first] = clients;
    void first.run("MULTI");
    void first.run("XADD", "x", "*", "slot", slot);
    void first.run("XADD", "x", "*", "slot", slot);
    adds.push(first.run("EXEC"));
  }
  await Promise.all(adds);
}
for (const end of ends) await end();
process.exit(0);
