// Short forms of the consistency drivers; `npm run soak` has the long ones.
import t from "tap";
import { startServer } from "../support/server.ts";
import { runCountersAndTransfers } from "./drivers/counters-and-transfers.ts";
import { probeStaleReads } from "./drivers/stale-reads.ts";

// Starts of servers take long on a loaded machine.
t.setTimeout(180_000);

for (const processes of [2, 4]) {
  t.test(`sums are exact over ${processes} processes`, async (t) => {
    const server = await startServer({ processes, t });
    const load = { clients: 16, increments: 5000, accounts: 100, seed: processes, killEveryMs: 0 };
    const result = await runCountersAndTransfers(server, load);
    t.same(result.violations, []);
    t.ok(Object.keys(result.spread).length > 1, `clients are spread: ${JSON.stringify(result.spread)}`);
    t.ok(result.transfers > 0 && result.reads > 0);
  });

  t.test(`no read is stale over ${processes} processes`, async (t) => {
    const server = await startServer({ processes, t });
    t.match(await probeStaleReads(server, processes, 2000), { stale: 0, workers: processes });
  });
}

t.test("killed workers cost nobody an acknowledged write, and other clients nothing", async (t) => {
  const server = await startServer({ processes: 2, t });
  const load = { clients: 16, increments: 6000, accounts: 100, seed: 3, killEveryMs: 500 };
  const result = await runCountersAndTransfers(server, load);
  t.same(result.violations, []);
  t.ok(result.kills > 0, `${result.kills} kills`);
  t.ok(result.lostConnections > 0, `${result.lostConnections} connections lost and made again`);
});
