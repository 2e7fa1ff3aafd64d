import t from "tap";
import { RespError, startClient } from "../../../support/run.ts";

t.test("CONFIG GET", async (t) => {
  const { run } = await startClient(t);
  t.same(await run("CONFIG", "GET", "timeout"), ["timeout", "0"]);
  t.same(await run("CONFIG", "GET", "TIMEOUT", "time[o]ut", "nosuch"), ["timeout", "0"], "each directive once");
  t.same(await run("CONFIG", "GET", "nosuch*"), []);
  const all = (await run("CONFIG", "GET", "*")) as string[];
  t.ok(all.includes("maxmemory") && all.includes("slowlog-max-len"));
  await run("HELLO", "3");
  t.same(await run("CONFIG", "GET", "hz"), new Map([["hz", "10"]]));
  t.same(await run("CONFIG", "GET"), new RespError("ERR wrong number of arguments for 'config|get' command"));
});

t.test("CONFIG SET changes all or nothing", async (t) => {
  const { run } = await startClient(t);
  t.equal(await run("CONFIG", "SET", "timeout", "5", "hz", "20"), "OK");
  t.same(await run("CONFIG", "GET", "timeout", "hz"), ["timeout", "5", "hz", "20"]);
  t.match(String(await run("CONFIG", "SET", "timeout", "7", "hz", "abc")), /CONFIG SET failed \(.*'hz'\)/);
  t.match(String(await run("CONFIG", "SET", "timeout", "7", "nosuch", "1")), /Unknown option.*'nosuch'/);
  t.same(await run("CONFIG", "GET", "timeout"), ["timeout", "5"]);
  const arity = new RespError("ERR wrong number of arguments for 'config|set' command");
  t.same(await run("CONFIG", "SET", "timeout"), arity);
  t.same(await run("CONFIG", "SET", "timeout", "1", "hz"), arity);
  t.match(String(await run("CONFIG", "REWRITE")), "ERR The server is running without a config file");
});

t.test("CONFIG inside MULTI", async (t) => {
  const { run } = await startClient(t);
  await run("MULTI");
  await run("CONFIG", "SET", "timeout", "9");
  await run("CONFIG", "GET", "timeout");
  t.same(await run("EXEC"), ["OK", ["timeout", "9"]]);
});

t.test("CONFIG RESETSTAT", async (t) => {
  const { run } = await startClient(t);
  const stat = async (name: string): Promise<string> => {
    const info = (await run("INFO", "everything")) as string;
    return new RegExp(`^${name}:(.*)\r$`, "m").exec(info)?.[1] ?? "";
  };
  await run("SET", "a", "1");
  await run("GET", "a");
  await run("NOSUCH");
  const dirty = await stat("rdb_changes_since_last_save");
  t.equal(await stat("keyspace_hits"), "1");
  t.equal(await stat("errorstat_ERR"), "count=1");
  t.equal(await run("CONFIG", "RESETSTAT"), "OK");
  t.equal(await stat("keyspace_hits"), "0");
  t.equal(await stat("errorstat_ERR"), "");
  t.equal(await stat("cmdstat_get"), "");
  t.equal(await stat("latency_percentiles_usec_get"), "");
  t.match(await stat("cmdstat_config\\|resetstat"), /^calls=1,/, "the command itself counts already");
  t.equal(await stat("rdb_changes_since_last_save"), dirty);
  t.equal(await stat("connected_clients"), "1");
});
