// Our server against the recorded replies of Redis 7.2.4 (npm run conformance compares with a live one).
import t from "tap";
import { startServer } from "../support/server.ts";
import { compare, describe } from "./compare.ts";
import { loadScenarios } from "./scenario.ts";

t.test("replies equal the recorded ones", async (t) => {
  const server = await startServer({ processes: 2, t });
  const groups = new Set(loadScenarios().map((scenario) => scenario.group));
  for (const group of groups) {
    const outcome = await compare(loadScenarios([group]), { host: "127.0.0.1", port: server.port }, null);
    const open = outcome.differences.filter((entry) => entry.reason === undefined);
    for (const entry of open.slice(0, 20)) t.comment(describe(entry));
    t.equal(open.length, 0, `${group}: no unexplained difference in ${outcome.steps} replies`);
    t.same(outcome.stale, [], `${group}: differences.json explains only what differs`);
  }
});
