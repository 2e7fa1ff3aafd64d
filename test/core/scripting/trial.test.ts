// A script that is tried without the lock and runs again as a whole is counted once, in every statistic and log.
import t from "tap";
import { TestRules } from "../../support/acl-rules.ts";
import { type Reply, RespError, startClient } from "../../support/run.ts";
import { waitUntil } from "../../support/wait-until.ts";

type Worker = Awaited<ReturnType<typeof startClient>>;

const CONFIG = {
  "slowlog-log-slower-than": 0,
  "slowlog-max-len": 1000,
  "maxmemory-policy": "allkeys-lfu",
  "lfu-log-factor": 0,
};

/** Reads in several ways, with a miss and errors; then, if asked to, writes, and reads again. */
const BODY = `
local r = redis.call('get', 'hit') redis.call('get', 'hit') redis.call('get', 'missing')
redis.pcall('get') redis.pcall('nosuch') redis.pcall('llen', 'hit') redis.pcall('keys', 'a', 'b')
redis.call('exists', 'hit', 'missing')
if ARGV[1] == 'write' then redis.call('set', 'made', r) end
redis.call('strlen', 'hit')
return redis.call('get', 'made')`;

/** Everything that is counted, but for times and for the commands that ask. */
async function figures({ run }: Worker): Promise<Record<string, unknown>> {
  // The size of the tracking table is told at the end of a turn.
  await run("PING");
  const info = String(await run("INFO", "everything"));
  const field = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1]);
  const stats = [...info.matchAll(/^(cmdstat_\w+):calls=(\d+),.*(rejected_calls=.*)$/gm)]
    .map(([, name, calls, failures]) => `${name} ${calls} ${failures}`.trim())
    .filter((line) => !/cmdstat_(info|latency|slowlog|object|ping)/.test(line));
  const histogram = ((await run("LATENCY", "HISTOGRAM", "get", "strlen", "exists", "llen", "set")) as Reply[]).flat();
  return {
    stats,
    errors: info.match(/^errorstat_.*$/gm),
    hits: field("keyspace_hits"),
    misses: field("keyspace_misses"),
    commands: field("total_commands_processed"),
    errorReplies: field("total_error_replies"),
    tracked: field("tracking_total_items"),
    denied: field("acl_access_denied_cmd"),
    histogram: histogram.filter((entry) => !Array.isArray(entry)),
    frequency: await run("OBJECT", "FREQ", "hit"),
  };
}

async function slowCommands({ run }: Worker): Promise<unknown[]> {
  const entries = (await run("SLOWLOG", "GET", "-1")) as Reply[][];
  return entries.map((entry) => (entry[3] as Reply[]).map((word) => String(word).slice(0, 20))).reverse();
}

/** A worker whose statistics are empty and that has seen the script read so often, or not at all. */
async function prepared(t: Parameters<typeof startClient>[0], reads: number, code: string): Promise<Worker> {
  const worker = await startClient(t, { store: "lmdb", config: CONFIG });
  const { run } = worker;
  const sha = String(await run("SCRIPT", "LOAD", code));
  await run("SET", "hit", "v");
  for (let i = 0; i < reads; i++) await run("EVALSHA", sha, 0, "read");
  await run("DEL", "hit");
  await run("SET", "hit", "v");
  await run("CLIENT", "TRACKING", "ON");
  await run("CONFIG", "RESETSTAT");
  await run("SLOWLOG", "RESET");
  return worker;
}

t.test("as if it had run once", async (t) => {
  const sides = [await prepared(t, 20, BODY), await prepared(t, 0, BODY)];
  const results: Array<Record<string, unknown>> = [];
  for (const worker of sides) {
    const { run } = worker;
    t.equal(await run("EVAL", BODY, 0, "write"), "v");
    const slow = await slowCommands(worker);
    results.push({ slow, ...(await figures(worker)) });
  }
  const [tried, direct] = results;
  t.same(tried, direct, "a dropped trial leaves nothing");
  t.match(
    JSON.stringify(direct?.stats),
    /cmdstat_get 4 rejected_calls=1,failed_calls=0/,
    "there was something to count",
  );
  t.same(direct?.errorReplies, 4);
});

t.test("a trial that is not dropped counts as any run", async (t) => {
  const sides = [await prepared(t, 20, BODY), await prepared(t, 0, BODY)];
  const results: Array<Record<string, unknown>> = [];
  for (const worker of sides) {
    const { run } = worker;
    t.equal(await run("EVAL", BODY, 0, "read"), null);
    const slow = await slowCommands(worker);
    results.push({ slow, ...(await figures(worker)) });
  }
  t.same(results[0], results[1]);
  t.match(JSON.stringify(results[0]?.slow), /"exists","hit","missing".*"strlen","hit".*"EVAL"/, "in this order");
});

t.test("an error that a trial answers is counted once", async (t) => {
  const failing = `${BODY.replace("return", "local x =")} error('oops')`;
  const sides = [await prepared(t, 20, failing), await prepared(t, 0, failing)];
  const results: Array<Record<string, unknown>> = [];
  for (const worker of sides) {
    t.ok((await worker.run("EVAL", failing, 0, "read")) instanceof RespError);
    results.push(await figures(worker));
  }
  t.same(results[0], results[1]);
});

t.test("monitors, subscribers to missing keys and the log of denials hear of it once", async (t) => {
  const { run, worker } = await prepared(t, 20, BODY);
  await run("CONFIG", "SET", "notify-keyspace-events", "Em");
  const listener = worker.connect();
  await listener.run("SUBSCRIBE", "__keyevent@0__:keymiss");
  const heard: Reply[] = [];
  for (let i = 0; i < 10; i++) void listener.next().then((message) => heard.push(message));
  t.equal(await run("EVAL", BODY, 0, "write"), "v");
  await run("GET", "end");
  const names = (): string[] => heard.map((message) => String((message as Reply[])[2]));
  await waitUntil("the last event", async () => names().at(-1) === "end");
  t.same(names(), ["missing", "missing", "end"], "GET and EXISTS of the script, once");

  const other = await prepared(t, 20, BODY);
  const rules = new TestRules();
  rules.set("default", "+@all", "-strlen", "~*");
  other.worker.server.setAccessRules(rules);
  await other.run("EVAL", `redis.pcall('strlen', 'x') ${BODY}`, 0, "write");
  const reading = "redis.pcall('strlen', 'hit') return redis.call('get', 'hit')";
  other.worker.server.setAccessRules(null);
  for (let i = 0; i < 20; i++) await other.run("EVAL", reading, 0);
  other.worker.server.setAccessRules(rules);
  rules.noted.length = 0;
  t.equal(await other.run("EVAL", reading, 0), "v");
  t.equal(rules.noted.length, 1);
});
