import t from "tap";
import { startServer } from "../support/server.ts";
import { throwHostileInput } from "./drivers/hostile-input.ts";

// Starts of servers take long on a loaded machine.
t.setTimeout(180_000);

t.test("broken streams harm nobody", async (t) => {
  const server = await startServer({ processes: 2, t });
  const result = await throwHostileInput(server, {
    streams: 3000,
    seed: 1,
    concurrency: 16,
    maxGrowthBytes: 200 * 1024 * 1024,
  });
  t.same(result.violations, []);
  t.ok(result.errorReplies > 0 && result.closedByServer > 0);
  t.ok(result.served > 0, `${result.served} exchanges of well-behaved clients beside it`);
});
