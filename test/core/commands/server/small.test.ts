/** TIME, LASTSAVE, ROLE, LOLWUT and SHUTDOWN. */
import t from "tap";
import { RespError, startClient } from "../../../support/run.ts";

t.test("TIME", async (t) => {
  const { run } = await startClient(t);
  const [seconds, micros] = (await run("TIME")) as string[];
  t.ok(Math.abs(Number(seconds) - Date.now() / 1000) < 2);
  t.ok(Number(micros) < 1e6);
  t.same(await run("TIME", "x"), new RespError("ERR wrong number of arguments for 'time' command"));
});

t.test("LASTSAVE and ROLE", async (t) => {
  const { run } = await startClient(t);
  t.ok(Math.abs(((await run("LASTSAVE")) as number) - Date.now() / 1000) < 60);
  t.same(await run("ROLE"), ["master", 0, []]);
});

t.test("LOLWUT", async (t) => {
  const { run } = await startClient(t);
  const lolwut = async (...args: string[]): Promise<string> => String(await run("LOLWUT", ...args));
  t.equal(await lolwut(), "Redis ver. 7.2.4\n");
  t.equal(await lolwut("VERSION", "9"), "Redis ver. 7.2.4\n");
  const squares = Buffer.from(await lolwut("VERSION", "5", "20", "4", "3"), "latin1").toString();
  t.match(squares, /^[\u2800-\u28ff]{20}\n/);
  t.match(squares, /schotter.*Redis ver\. 7\.2\.4\n$/);
  const towers = (await lolwut("VERSION", "6", "30", "10")).split("\n");
  t.equal(towers.length, 13);
  t.match(towers.at(-2), /Redis ver\. 7\.2\.4$/);
  t.match(await lolwut("VERSION", "x"), /value is not an integer/);
});

t.test("SHUTDOWN", async (t) => {
  const { run, worker } = await startClient(t);
  const requests: unknown[] = [];
  let canAbort = false;
  Object.assign(worker.server.host, {
    shutdown: (options: unknown) => requests.push(options),
    abortShutdown: () => canAbort,
  });
  for (const words of ["FOO", "SAVE NOSAVE", "ABORT NOW", "ABORT FOO", "NOSAVE ABORT"]) {
    t.same(await run("SHUTDOWN", ...words.split(" ")), new RespError("ERR syntax error"), words);
  }
  t.same(await run("SHUTDOWN", "ABORT"), new RespError("ERR No shutdown in progress."));
  canAbort = true;
  t.equal(await run("SHUTDOWN", "abort"), "OK");
  t.same(requests, []);
  const waiting = worker.connect();
  let answered = false;
  void waiting.run("SHUTDOWN", "NOSAVE", "NOW", "FORCE").then(() => {
    answered = true;
  });
  void worker.connect().run("SHUTDOWN");
  await run("PING");
  await run("PING");
  t.same(requests, [
    { save: false, now: true, force: true },
    { save: null, now: false, force: false },
  ]);
  t.equal(answered, false, "who asked gets no answer");
});
