import t from "tap";
import { RespError, startClient } from "../../../support/run.ts";

t.test("latency events", async (t) => {
  const { run, worker } = await startClient(t);
  const monitor = worker.server.introspection.latency;
  t.same(await run("LATENCY", "LATEST"), []);
  t.match(await run("LATENCY", "DOCTOR"), /monitoring is off/);
  await run("DEBUG", "SLEEP", "0.002");
  t.same(await run("LATENCY", "LATEST"), [], "off by default");
  await run("CONFIG", "SET", "latency-monitor-threshold", "60000");
  t.match(await run("LATENCY", "DOCTOR"), /nothing to worry/);
  await run("DEBUG", "SLEEP", "0.002");
  t.same(await run("LATENCY", "LATEST"), [], "below the threshold");
  await run("CONFIG", "SET", "latency-monitor-threshold", "10");
  await run("DEBUG", "SLEEP", "0.02");
  const [[event, time, ms, highest]] = (await run("LATENCY", "LATEST")) as [[string, number, number, number]];
  t.equal(event, "command");
  t.ok(Math.abs(time - Date.now() / 1000) < 5);
  t.ok(ms >= 20 && highest >= ms);
  monitor.note("expire-cycle", 33.9);
  monitor.note("expire-cycle", 12);
  const [[, sample]] = (await run("LATENCY", "HISTORY", "expire-cycle")) as [[number, number]];
  t.equal(sample, 33, "one sample per second: the longest");
  t.match(
    await run("LATENCY", "GRAPH", "expire-cycle"),
    /^expire-cycle - high 33 ms, low 33 ms \(all time high 33 ms\)\n-{80}\n/,
  );
  t.match(await run("LATENCY", "DOCTOR"), /expire-cycle: 1 samples/);
  t.same(await run("LATENCY", "HISTORY", "nosuch"), []);
  t.same(await run("LATENCY", "GRAPH", "nosuch"), new RespError("ERR No samples available for event 'nosuch'"));
  t.equal(await run("LATENCY", "RESET", "nosuch"), 0);
  t.equal(await run("LATENCY", "RESET", "expire-cycle", "nosuch"), 1);
  t.same(await run("LATENCY", "HISTORY", "expire-cycle"), []);
  t.equal(await run("LATENCY", "RESET"), 1);
  t.same(await run("LATENCY", "LATEST"), []);
});

t.test("LATENCY GRAPH draws", async (t) => {
  const { run, worker } = await startClient(t, { config: { "latency-monitor-threshold": 1 } });
  const words = worker.shared.latencyEvents(0);
  const now = Math.floor(Date.now() / 1000);
  const samples = [10, 20, 30, 40, 50, 60];
  words[0] = 60;
  words[1] = samples.length;
  samples.forEach((ms, i) => {
    words[2 + 2 * i] = now - 100 * (samples.length - i);
    words[3 + 2 * i] = ms;
  });
  const lines = String(await run("LATENCY", "GRAPH", "command")).split("\n");
  t.equal(lines[0], "command - high 60 ms, low 10 ms (all time high 60 ms)");
  t.same(lines.slice(2), ["    _#", "   o||", "  o|||", "_#||||", "", "186531", "0mmmmm", "m     ", ""]);
});

t.test("LATENCY HISTOGRAM", async (t) => {
  const { run } = await startClient(t);
  await run("HELLO", "3");
  type Histogram = Map<string, Map<string, number | Map<number, number>>>;
  const histogram = async (...names: string[]): Promise<Histogram> =>
    (await run("LATENCY", "HISTOGRAM", ...names)) as Histogram;
  await run("CONFIG", "RESETSTAT");
  t.same([...(await histogram()).keys()], ["config|resetstat"]);
  await run("SET", "a", "1");
  await run("SET", "a", "1");
  await run("CLIENT", "ID");
  await run("CLIENT", "GETNAME");
  const set = (await histogram("set", "nosuch", "get")).get("set");
  t.equal(set?.get("calls"), 2);
  const steps = (set?.get("histogram_usec") ?? new Map()) as Map<number, number>;
  t.equal([...steps.values()].at(-1), 2, "cumulative");
  t.same([...(await histogram("client")).keys()].sort(), ["client|getname", "client|id"]);
  t.same([...(await histogram("client|id")).keys()], ["client|id"]);
  t.equal((await histogram("nosuch")).size, 0);
});
