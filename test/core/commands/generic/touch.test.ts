import t from "tap";
import { RespError, startClient } from "../../../support/run.ts";

t.test("TOUCH", async (t) => {
  const { run, client, worker } = await startClient(t);
  const { accessClock, keyspace, sessions } = worker.server;
  await run("SET", "a", "1");
  t.equal(await run("TOUCH", "a", "nokey", "a"), 2);
  t.equal(await run("TOUCH", "nokey"), 0);
  t.same(await run("TOUCH"), new RespError("ERR wrong number of arguments for 'touch' command"));
  const hash = keyspace.hashOf(Buffer.from("a"), 0, 1);
  const makeIdle = (): void => accessClock.restore(hash, Date.now(), 100, null);
  makeIdle();
  const idle = async (): Promise<number> => (await run("OBJECT", "IDLETIME", "a")) as number;
  t.ok((await idle()) >= 100);
  t.equal(await run("TOUCH", "a"), 1);
  t.ok((await idle()) < 50);
  makeIdle();
  for (const session of sessions.values()) session.client.noTouch = true;
  t.equal(await run("GET", "a"), "1");
  t.ok((await idle()) >= 100);
  t.equal(await run("TOUCH", "a"), 1, "touches also for a client that asked for NO-TOUCH");
  t.ok((await idle()) < 50);
  t.notOk(client.closed);
});
