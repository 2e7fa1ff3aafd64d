/** The reliable queue over 4 processes, short form; `npm run soak -- queue` runs it long. */
import t from "tap";
import { startServer } from "../support/server.ts";
import { runReliableQueue } from "./drivers/reliable-queue.ts";

t.setTimeout(200_000);

t.test("a reliable queue loses and doubles nothing while workers and clients are killed", async (t) => {
  const server = await startServer({ processes: 4, t });
  const options = { jobs: 6000, producers: 4, consumers: 8, seed: 1, killEveryMs: 1000, orderRounds: 3 };
  const { violations, ...facts } = await runReliableQueue(server, options);
  t.strictSame(violations, [], JSON.stringify(facts));
  t.equal(facts.orderProbes, 24);
  t.ok(facts.acknowledged + facts.unknown === 6000, `${facts.acknowledged} acknowledged, ${facts.unknown} unknown`);
});
