import t from "tap";
import { startClient } from "../../../support/run.ts";

const DEFAULT = [
  "Server",
  "Clients",
  "Memory",
  "Persistence",
  "Stats",
  "Replication",
  "CPU",
  "Modules",
  "Errorstats",
  "Cluster",
  "Keyspace",
  "KeyDB",
];

t.test("sections", async (t) => {
  const { run } = await startClient(t);
  const sections = async (...names: string[]): Promise<string[]> =>
    [...String(await run("INFO", ...names)).matchAll(/^# (\w+)\r$/gm)].map((match) => match[1] ?? "");
  t.same(await sections(), DEFAULT);
  t.same(await sections("default"), DEFAULT);
  const all = [...DEFAULT];
  all.splice(8, 0, "Commandstats");
  all.splice(10, 0, "Latencystats");
  t.same(await sections("ALL"), all);
  t.same(await sections("everything"), all);
  t.same(await sections("all", "debug"), [...all, "Debug"]);
  t.same(await sections("cpu", "SERVER", "cpu"), ["Server", "CPU"], "in their own order, each once");
  t.same(await sections("nosuch"), []);
  t.same(await sections("modules"), ["Modules"]);
  t.equal(await run("INFO", "cluster"), "# Cluster\r\ncluster_enabled:0\r\n");
  t.equal(String(await run("INFO", "cluster", "modules")), "# Modules\r\n\r\n# Cluster\r\ncluster_enabled:0\r\n");
});

t.test("a verbatim string in RESP3", async (t) => {
  const { run } = await startClient(t);
  await run("HELLO", "3");
  t.same(await run("INFO", "cluster"), { verbatim: "txt", text: "# Cluster\r\ncluster_enabled:0\r\n" });
});

t.test("values", async (t) => {
  const { run, worker } = await startClient(t);
  const fields = async (section: string): Promise<Map<string, string>> =>
    new Map(
      String(await run("INFO", section))
        .split("\r\n")
        .slice(1)
        .map((line) => line.split(/:(.*)/, 2) as [string, string]),
    );
  await run("SET", "a", "1", "EX", "1000");
  await run("SET", "b", "1");
  await run("GET", "a");
  await run("GET", "nokey");
  await run("GET");
  await run("LPUSH-NO-SUCH");
  const keyspace = await fields("keyspace");
  t.match(keyspace.get("db0"), /^keys=2,expires=1,avg_ttl=99\d{4}$/);
  const stats = await fields("stats");
  t.equal(stats.get("keyspace_hits"), "1");
  t.equal(stats.get("keyspace_misses"), "1");
  t.equal(stats.get("total_error_replies"), "2");
  const commands = await fields("commandstats");
  t.match(commands.get("cmdstat_set"), /^calls=2,usec=\d+,usec_per_call=\d+\.\d\d,rejected_calls=0,failed_calls=0$/);
  t.match(commands.get("cmdstat_get"), /^calls=2,.*,rejected_calls=1,failed_calls=0$/);
  const latency = await fields("latencystats");
  t.match(latency.get("latency_percentiles_usec_set"), /^p50=\d+\.\d{3},p99=\d+\.\d{3},p99\.9=\d+\.\d{3}$/);
  const server = await fields("server");
  t.equal(server.get("redis_version"), "7.2.4");
  t.equal(server.get("process_id"), String(process.pid));
  t.match(server.get("redis_build_id"), /^[0-9a-f]{16}$/);
  const clients = await fields("clients");
  t.equal(clients.get("connected_clients"), "1");
  t.equal(clients.get("thread_0_clients"), "1");
  t.equal(clients.get("current_client_thread"), "0");
  const memory = await fields("memory");
  t.ok(Number(memory.get("used_memory")) > 1e6);
  t.ok(Number(memory.get("used_memory_peak")) >= Number(memory.get("used_memory")));
  t.equal((await fields("persistence")).get("rdb_changes_since_last_save"), "2");
  t.equal((await fields("cpu")).get("server_threads"), "1");
  await run("CONFIG", "SET", "latency-tracking", "no");
  t.equal(await run("INFO", "latencystats"), "# Latencystats\r\n");
  t.same(worker.warnings, []);
});

t.test("errors inside EXEC are counted once, for the command that made them", async (t) => {
  const { run } = await startClient(t);
  await run("SET", "s", "x");
  await run("MULTI");
  await run("INCR", "s");
  await run("EXEC");
  const info = String(await run("INFO", "commandstats", "errorstats"));
  t.match(info, /cmdstat_incr:calls=1,.*failed_calls=1\r/);
  t.match(info, /cmdstat_exec:calls=1,.*failed_calls=0\r/);
  t.match(info, /errorstat_ERR:count=1\r/);
});

t.test("INFO inside MULTI sees the transaction's own writes", async (t) => {
  const { run } = await startClient(t);
  await run("MULTI");
  await run("SET", "a", "1");
  await run("INFO", "keyspace");
  const [, info] = (await run("EXEC")) as string[];
  t.match(info, /db0:keys=1,expires=0/);
});
