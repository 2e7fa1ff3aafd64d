/** What a server of several processes tells about itself is the same through each of them. */
import t from "tap";
import type { RespClient } from "../support/resp-client.ts";
import { connectEach, startServer } from "../support/server.ts";

// Starts of servers take long on a loaded machine.
t.setTimeout(180_000);

const PROCESSES = 2;
const server = await startServer({ processes: PROCESSES, t });
const [one, other] = (await connectEach(server, PROCESSES)) as [RespClient, RespClient];
t.teardown(() => Promise.all([one.close(), other.close()]));

async function field(client: RespClient, name: string): Promise<string> {
  const info = String(await client.ok("INFO", "everything"));
  return new RegExp(`^${name.replace("|", "\\|")}:(.*)\r$`, "m").exec(info)?.[1] ?? "";
}

function calls(stat: string): number {
  return Number(/^calls=(\d+)/.exec(stat)?.[1] ?? 0);
}

t.test("INFO sums over the processes", async (t) => {
  await one.ok("CONFIG", "RESETSTAT");
  for (let i = 0; i < 7; i++) await one.ok("SET", `k${i}`, "v");
  for (let i = 0; i < 5; i++) await other.ok("SET", `k${i}`, "v");
  await one.call("NOSUCH");
  await other.call("NOSUCH");
  await other.call("GET", "k0");
  for (const client of [one, other]) {
    t.equal(calls(await field(client, "cmdstat_set")), 12);
    t.equal(await field(client, "errorstat_ERR"), "count=2");
    t.equal(await field(client, "connected_clients"), "2");
    t.equal(await field(client, "server_threads"), "2");
    t.equal(await field(client, "keyspace_hits"), "1");
    t.match(await field(client, "db0"), /^keys=7,expires=0/);
    t.equal(await field(client, "process_id"), String(server.pid));
    t.equal(await field(client, "rdb_changes_since_last_save"), "12");
  }
  t.equal(await field(one, "thread_0_clients"), "1");
  t.equal(await field(one, "thread_1_clients"), "1");
  t.not(await field(one, "current_client_thread"), await field(other, "current_client_thread"));
  t.equal(await field(one, "run_id"), await field(other, "run_id"));
  t.equal(await field(one, "master_replid"), await field(other, "master_replid"));
  await other.ok("CONFIG", "RESETSTAT");
  for (const client of [one, other]) {
    t.equal(await field(client, "cmdstat_set"), "");
    t.equal(await field(client, "errorstat_ERR"), "");
    t.equal(await field(client, "rdb_changes_since_last_save"), "12");
  }
});

t.test("CONFIG SET is in force everywhere before its reply", async (t) => {
  for (let turn = 1; turn <= 50; turn++) {
    const [from, to] = turn % 2 === 0 ? [one, other] : [other, one];
    await from.ok("CONFIG", "SET", "timeout", 1000 + turn, "maxmemory-samples", turn);
    t.same(await to.ok("CONFIG", "GET", "timeout", "maxmemory-samples"), [
      "timeout",
      String(1000 + turn),
      "maxmemory-samples",
      String(turn),
    ]);
  }
  await one.ok("CONFIG", "SET", "timeout", 0);
});

t.test("the slow log is one", async (t) => {
  await one.ok("CONFIG", "SET", "slowlog-log-slower-than", 0);
  await other.ok("SLOWLOG", "RESET");
  for (let i = 0; i < 3; i++) {
    await one.ok("ECHO", `one ${i}`);
    await other.ok("ECHO", `other ${i}`);
  }
  await one.ok("CONFIG", "SET", "slowlog-log-slower-than", -1);
  type Entry = [number, number, number, string[]];
  for (const client of [one, other]) {
    const entries = (await client.ok("SLOWLOG", "GET", -1)) as unknown as Entry[];
    t.same(
      entries.filter((entry) => entry[3][0] === "ECHO").map((entry) => entry[3][1]),
      ["other 2", "one 2", "other 1", "one 1", "other 0", "one 0"],
    );
    const ids = entries.map((entry) => entry[0]);
    t.equal(new Set(ids).size, ids.length, "ids are unique");
    t.same(
      ids,
      ids.toSorted((a, b) => b - a),
    );
    t.equal(await client.ok("SLOWLOG", "LEN"), entries.length);
    t.equal(((await client.ok("SLOWLOG", "GET", 2)) as unknown[]).length, 2);
  }
  await one.ok("CONFIG", "SET", "slowlog-log-slower-than", 0);
  await one.ok("CONFIG", "SET", "slowlog-max-len", 3);
  for (let i = 0; i < 10; i++) await (i % 2 === 0 ? one : other).ok("PING");
  await one.ok("CONFIG", "SET", "slowlog-log-slower-than", -1);
  t.equal(await one.ok("SLOWLOG", "LEN"), 3);
  t.equal(await other.ok("SLOWLOG", "LEN"), 3);
  await one.ok("SLOWLOG", "RESET");
  t.equal(await other.ok("SLOWLOG", "LEN"), 0);
});

t.test("latency events and histograms are one", async (t) => {
  await one.ok("CONFIG", "SET", "latency-monitor-threshold", 20);
  await one.ok("DEBUG", "SLEEP", "0.03");
  await other.ok("DEBUG", "SLEEP", "0.06");
  for (const client of [one, other]) {
    const [[event, , , highest]] = (await client.ok("LATENCY", "LATEST")) as unknown as [
      [string, number, number, number],
    ];
    t.equal(event, "command");
    t.ok(highest >= 60);
  }
  t.equal(await other.ok("LATENCY", "RESET"), 1);
  t.same(await one.ok("LATENCY", "LATEST"), []);
  await one.ok("CONFIG", "RESETSTAT");
  await one.ok("ECHO", "a");
  await other.ok("ECHO", "b");
  const [, [, count]] = (await one.ok("LATENCY", "HISTOGRAM", "echo")) as unknown as [string, [string, number]];
  t.equal(count, 2);
});

t.test("a process' totals outlive it", async (t) => {
  await one.ok("CONFIG", "RESETSTAT");
  for (let i = 0; i < 4; i++) await other.ok("ECHO", "x");
  await other.call("NOSUCH");
  other.sendRaw("DEBUG SEGFAULT\r\n");
  await other.closed;
  t.equal(calls(await field(one, "cmdstat_echo")), 4);
  t.equal(await field(one, "errorstat_ERR"), "count=1");
  t.equal(await field(one, "connected_clients"), "1");
});

t.test("SHUTDOWN ends the server", async (t) => {
  one.sendRaw("SHUTDOWN NOSAVE\r\n");
  await one.closed;
  t.pass("the connection closed without an answer");
});
