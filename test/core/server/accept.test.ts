/** Who is let in: maxclients and maxclients-reserved. */
import t from "tap";
import { startClient } from "../../support/run.ts";

t.test("maxclients-reserved lets clients of this machine in beyond maxclients", async (t) => {
  const { worker, run } = await startClient(t, { config: { maxclients: 2, "maxclients-reserved": 1 } });
  const rejected = async (): Promise<number> =>
    Number(/rejected_connections:(\d+)/.exec(String(await run("INFO", "stats")))?.[1]);
  const second = worker.connect();
  const third = worker.connect();
  t.equal(await third.run("PING"), "PONG");
  t.equal(await rejected(), 0);
  worker.connect();
  t.equal(await rejected(), 1, "no more than the reserved ones");
  await run("CONFIG", "SET", "maxclients-reserved", 0);
  second.close();
  await new Promise((resolve) => setImmediate(resolve));
  worker.connect();
  t.equal(await rejected(), 2);
});
