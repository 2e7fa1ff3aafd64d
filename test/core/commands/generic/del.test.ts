import t from "tap";
import { RespError, startClient } from "../../../support/run.ts";
import { waitUntil } from "../../../support/wait-until.ts";

for (const name of ["DEL", "UNLINK", "EXPDEL"]) {
  t.test(name, async (t) => {
    const { run, worker } = await startClient(t, { activeExpire: false });
    await run("SET", "a", "1");
    await run("SET", "b", "x".repeat(50_000));
    await run("SET", "", "empty");
    t.equal(await run(name, "a", "b", "nokey", "a"), 2);
    t.equal(await run("GET", "b"), null);
    t.equal(await run(name, ""), 1);
    t.equal(await run("DBSIZE"), 0);
    t.same(await run(name), new RespError(`ERR wrong number of arguments for '${name.toLowerCase()}' command`));
    await run("SET", "due", "1", "PX", 1);
    const { keyspace } = worker.server;
    await waitUntil("the key is due", () => Date.now() > keyspace.nowMs + 5);
    t.equal(await run(name, "due"), 0, "a due key does not exist");
    t.equal(await run("DBSIZE"), 0, "and is gone");
    await run("HELLO", 3);
    t.equal(await run(name, "a"), 0);
  });
}
