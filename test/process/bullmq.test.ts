/** BullMQ with its workers spread over the processes, short form; `npm run soak -- bullmq` runs it long. */
import t from "tap";
import { startServer } from "../support/server.ts";
import { runBullMq } from "./drivers/bullmq-jobs.ts";

t.setTimeout(150_000);

t.test("BullMQ's jobs end once and as they should: retries, delays, priorities", async (t) => {
  const server = await startServer({ processes: 2, t });
  const options = { jobs: 1500, workers: 6, concurrency: 8, seed: 1, timeoutMs: 90_000 };
  const { violations, ...facts } = await runBullMq(server, options);
  t.strictSame(violations, [], JSON.stringify(facts));
  t.equal(facts.completed + facts.failed, 1500, JSON.stringify(facts));
  t.ok(facts.connectedProcesses === 2 && facts.failed > 0 && facts.delayed > 100 && facts.prioritized > 100);
});
