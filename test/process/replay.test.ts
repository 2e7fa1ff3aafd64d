// The random stream of the conformance tool through two processes at once, equal to the same one after the other.
import t from "tap";
import { record, replay } from "../conformance/random/concurrent.ts";
import { RespClient } from "../support/resp-client.ts";
import { connectEach, startServer } from "../support/server.ts";

// Starts of servers take long on a loaded machine.
t.setTimeout(180_000);

t.test("random transactions of both processes have one order, and one outcome in it", async (t) => {
  const server = await startServer({ processes: 2, t });
  const recorded = await record(
    async (count) => [...(await connectEach(server, 2)), ...(await Promise.all(others(server.port, count - 2)))],
    { commands: 3000, clients: 5, seed: 11 },
  );
  t.ok(recorded.transactions.length > 200, `${recorded.transactions.length} transactions`);
  t.equal(new Set(recorded.digests).size, 1, "every process sees the same keyspace");
  const alone = await startServer({ processes: 1, t });
  t.same(await replay((count) => Promise.all(others(alone.port, count)), recorded), []);
});

function others(port: number, count: number): Promise<RespClient>[] {
  return Array.from({ length: count }, () => RespClient.connect({ port }));
}
