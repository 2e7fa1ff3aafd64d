import { cpuAffinity } from "@keydb-ts/shared-mem";
import t from "tap";
import { workerCpus } from "../../bin/src/thread-affinity.ts";
import { startServer } from "../support/server.ts";
import { waitUntil } from "../support/wait-until.ts";

t.test("which processor for which worker", async (t) => {
  t.equal(workerCpus("no", [0, 1]), null);
  t.same(workerCpus("yes", [0, 1, 4]), [0, 1, 4]);
  t.same(workerCpus("2", [0, 1, 4]), [1, 4, 0]);
  t.same(workerCpus("5", [0, 1, 4]), [1, 4, 0], "counts on from the first again");
});

t.test("workers are pinned", async (t) => {
  const allowed = cpuAffinity(0);
  const server = await startServer({ processes: 2, config: { "server-thread-affinity": "yes" }, t });
  const pinned = await waitUntil("both workers", () => {
    const masks = server.workerPids().map((pid) => cpuAffinity(pid));
    return masks.length === 2 ? masks : null;
  });
  t.same(pinned, [[allowed[0]], [allowed[1 % allowed.length]]]);
});
