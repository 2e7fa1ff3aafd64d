import t from "tap";
import { startServer } from "../support/server.ts";
import { killEverything } from "./drivers/kill-everything.ts";

// Starts of servers take long on a loaded machine.
t.setTimeout(180_000);

t.test("kill -9 of all processes loses nothing acknowledged", async (t) => {
  const server = await startServer({ processes: 2, t });
  const result = await killEverything(server, 20_000);
  t.same(result.violations, []);
  t.ok(result.firstReplyMs < 5000, `first reply after ${result.firstReplyMs.toFixed(0)} ms`);
  t.equal(await server.stop(), 0, "an orderly end after the disorderly one");
});
