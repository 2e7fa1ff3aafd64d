import t from "tap";
import { RespError, startClient } from "../../../support/run.ts";

t.test("TTL, PTTL, EXPIRETIME and PEXPIRETIME", async (t) => {
  const { run, worker } = await startClient(t, { activeExpire: false });
  await run("SET", "plain", "1");
  await run("SET", "a", "1", "PXAT", 4_000_000_000_500);
  for (const name of ["TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME"]) {
    t.equal(await run(name, "nokey"), -2);
    t.equal(await run(name, "plain"), -1);
    const error = new RespError(`ERR wrong number of arguments for '${name.toLowerCase()}' command`);
    t.same(await run(name), error);
    // TTL and PTTL may name a member besides (member expiry).
    if (name.endsWith("TIME")) t.same(await run(name, "a", "b"), error);
  }
  t.equal(await run("EXPIRETIME", "a"), 4_000_000_001, "rounded to the nearest second");
  t.equal(await run("PEXPIRETIME", "a"), 4_000_000_000_500);
  const left = (await run("PTTL", "a")) as number;
  t.ok(Math.abs(left - (4_000_000_000_500 - Date.now())) < 5000);
  await run("SET", "soon", "1", "PX", 1499);
  t.equal(await run("TTL", "soon"), 1);
  await run("SET", "due", "1", "PX", 1);
  const dueAt = worker.server.keyspace.nowMs + 2;
  while (Date.now() <= dueAt) await new Promise((resolve) => setTimeout(resolve, 1));
  t.equal(await run("PTTL", "due"), -2);
  t.equal(await run("DBSIZE"), 3, "a read that met a due key had it deleted");
});
