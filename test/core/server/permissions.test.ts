// Where access rules are asked, and what is answered: each place of Redis' ACLCheckAllPerm, with rules made in the test.
import type { Connection } from "@keydb-ts/core";
import t from "tap";
import { COUNTER } from "../../../packages/core/src/ports/counters.ts";
import { TestRules } from "../../support/acl-rules.ts";
import { type Reply, RespError, startClient, type TestClient } from "../../support/run.ts";

type Worker = Awaited<ReturnType<typeof startClient>>;
type Tap = Parameters<typeof startClient>[0];

/** A worker whose `default` user has these permissions; `allow` changes them. */
async function guarded(t: Tap, ...words: string[]): Promise<Worker & { rules: TestRules }> {
  const started = await startClient(t);
  const rules = new TestRules();
  rules.set("default", ...words);
  started.worker.server.setAccessRules(rules);
  return { ...started, rules };
}

function errorOf(reply: Reply): string {
  return reply instanceof RespError ? reply.message : `no error: ${JSON.stringify(reply)}`;
}

const noCommand = (name: string): string => `NOPERM User default has no permissions to run the '${name}' command`;
const NO_KEY = "NOPERM No permissions to access a key";
const NO_CHANNEL = "NOPERM No permissions to access a channel";

t.test("a command, a subcommand, a key by what is done with it", async (t) => {
  const { run, rules, worker } = await guarded(t, "+@all", "-get", "-config|set", "%R~r*", "%W~w*", "~both*");
  t.equal(errorOf(await run("GET", "both")), noCommand("get"));
  t.equal(errorOf(await run("CONFIG", "SET", "hz", "10")), noCommand("config|set"));
  t.same(await run("CONFIG", "GET", "hz"), ["hz", "10"]);
  t.equal(errorOf(await run("GETSET", "w", "1")), NO_KEY);
  t.equal(errorOf(await run("GETSET", "r", "1")), NO_KEY);
  t.equal(await run("SET", "w", "1"), "OK");
  t.equal(errorOf(await run("SET", "w", "1", "GET")), NO_KEY, "SET with GET reads too");
  t.equal(await run("GETSET", "both", "1"), null);
  t.equal(errorOf(await run("MSET", "both", "1", "r", "2")), NO_KEY);
  t.equal(errorOf(await run("SINTERSTORE", "r", "both")), NO_KEY);
  t.equal(await run("SINTERSTORE", "w", "r"), 0);
  t.equal(await run("EXISTS", "w"), 0, "looking needs no right to read");
  t.equal(errorOf(await run("EXISTS", "none")), NO_KEY);
  t.same(
    rules.noted.map(({ command, what, index, where }) => [command, what, index, where]),
    [
      ["get", "command", 0, "toplevel"],
      ["config|set", "command", 0, "toplevel"],
      ["getset", "key", 1, "toplevel"],
      ["getset", "key", 1, "toplevel"],
      ["set", "key", 1, "toplevel"],
      ["mset", "key", 3, "toplevel"],
      ["sinterstore", "key", 1, "toplevel"],
      ["exists", "key", 1, "toplevel"],
    ],
  );
  t.equal(worker.server.counters[COUNTER.acl_access_denied_cmd], 2);
  t.equal(worker.server.counters[COUNTER.acl_access_denied_key], 6);
  await run("SELECT", "5");
  t.equal(errorOf(await run("SET", "r", "1")), NO_KEY, "in every database");
  worker.server.setAccessRules(null);
  t.equal(await run("GET", "anything"), null, "without rules everybody may do everything");
});

t.test("keys behind names that look like keywords, which Redis' specs miss", async (t) => {
  const { run } = await guarded(t, "+@all", "~ok*", "~STREAMS");
  for (const line of [
    "GEORADIUS ok 1 1 1 m STORE ok STORE no",
    "GEORADIUS ok 1 1 1 m STOREDIST STORE STORE no",
    "GEORADIUSBYMEMBER ok m 1 m STORE ok STOREDIST ok STORE no",
    "XREADGROUP COUNT 1 GROUP STREAMS ok STREAMS no >",
    "SORT ok STORE get STORE no",
  ]) {
    t.equal(errorOf(await run(...line.split(" "))), NO_KEY, line);
  }
  t.same(await run("GEORADIUS", "ok", "1", "1", "1", "m", "STORE", "ok", "STORE", "ok2"), 0);
  t.match(errorOf(await run("XREADGROUP", "COUNT", "1", "GROUP", "STREAMS", "ok", "STREAMS", "ok", ">")), /^NOGROUP/);
});

t.test("statistics of what was refused", async (t) => {
  const { run } = await guarded(t, "+@all", "-get", "~*");
  await run("GET", "k");
  await run("GET", "k");
  const stats = String(await run("INFO", "commandstats", "errorstats"));
  t.match(stats, /cmdstat_get:calls=0,usec=0,usec_per_call=0.00,rejected_calls=2,failed_calls=0/);
  t.match(stats, /errorstat_NOPERM:count=2/);
});

t.test("order of the checks", async (t) => {
  const { run, worker } = await guarded(t, "+@all", "-get", "-subscribe", "-debug", "-watch", "~*");
  t.match(errorOf(await run("GET")), /wrong number of arguments/);
  t.match(errorOf(await run("NOSUCH")), /unknown command/);
  t.equal(errorOf(await run("DEBUG", "JMAP")), noCommand("debug"));
  worker.server.pipeline.outOfMemory = true;
  t.equal(errorOf(await run("GET", "k")), noCommand("get"));
  const other = worker.connect();
  worker.server.setAccessRules(null);
  await other.run("SUBSCRIBE", "c");
  const rules = new TestRules();
  rules.set("default", "+@all", "-get", "~*", "&*");
  worker.server.setAccessRules(rules);
  t.equal(errorOf(await other.run("GET", "k")), noCommand("get"), "before the check of what a subscriber may do");
  t.match(errorOf(await other.run("STRLEN", "k")), /Can't execute 'strlen'/);
  t.equal(await other.run("QUIT"), "OK", "commands that need no authentication are always allowed");
});

t.test("a client that has not authenticated", async (t) => {
  const { worker } = await startClient(t, { config: { requirepass: "secret" } });
  const rules = new TestRules();
  rules.set("default", "+get", "~*");
  worker.server.setAccessRules(rules);
  const client = worker.connect();
  t.equal(errorOf(await client.run("SET", "k", "1")), "NOAUTH Authentication required.");
  t.same(rules.noted, []);
  t.equal(await client.run("AUTH", "secret"), "OK");
  t.equal(errorOf(await client.run("SET", "k", "1")), noCommand("set"));
});

t.test("transactions: when a command is queued, and when it runs", async (t) => {
  const { run, rules } = await guarded(t, "+@all", "-get", "~*", "&*");
  await run("MULTI");
  t.equal(errorOf(await run("GET", "k")), noCommand("get"));
  t.match(errorOf(await run("EXEC")), /^EXECABORT Transaction discarded because of previous errors/);
  await run("MULTI");
  for (const words of [
    ["SET", "k", "1"],
    ["PUBLISH", "c", "m"],
    ["INCR", "a"],
    ["CONFIG", "GET", "hz"],
  ]) {
    t.equal(await run(...words), "QUEUED");
  }
  rules.set("default", "+@all", "-config|get", "~a*");
  const lost =
    "NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer allowed for the following reason: ";
  const replies = (await run("EXEC")) as Reply[];
  t.equal(errorOf(replies[0] as Reply), `${lost}no permission to touch the specified keys`);
  t.equal(errorOf(replies[1] as Reply), `${lost}no permission to access one of the channels used as arguments`);
  t.equal(replies[2], 1, "the others run");
  t.equal(errorOf(replies[3] as Reply), `${lost}no permission to execute the command or subcommand`);
  t.same(
    rules.noted.slice(-3).map(({ where }) => where),
    ["multi", "multi", "multi"],
  );
  const stats = String(await run("INFO", "commandstats"));
  t.match(stats, /cmdstat_exec:calls=2,.*failed_calls=2/);
  t.notMatch(stats, /cmdstat_publish/, "what did not run is not counted");
});

t.test("what EXEC denies has no effect before it either", async (t) => {
  const { run, rules } = await guarded(t, "+@all", "~*");
  await run("MULTI");
  t.equal(await run("CONFIG", "SET", "maxmemory-samples", "7"), "QUEUED");
  rules.set("default", "+@all", "-config|set", "~*");
  t.match(errorOf(((await run("EXEC")) as Reply[])[0] as Reply), /^NOPERM ACLs rules changed/);
  t.same(await run("CONFIG", "GET", "maxmemory-samples"), ["maxmemory-samples", "5"]);
});

t.test("EXEC itself", async (t) => {
  const { run, rules } = await guarded(t, "+@all", "~*");
  await run("MULTI");
  await run("SET", "k", "1");
  rules.set("default", "+@all", "-exec", "~*");
  t.equal(errorOf(await run("EXEC")), `EXECABORT Transaction discarded because of: ${noCommand("exec")}`);
  t.equal(rules.noted.at(-1)?.where, "multi");
  rules.set("default", "+@all", "~*");
  t.match(errorOf(await run("EXEC")), /EXEC without MULTI/);
});

t.test("commands of scripts and functions", async (t) => {
  const { run, rules } = await guarded(t, "+@all", "-incr", "~a*");
  const inScript = "ERR ACL failure in script: ";
  const evaluate = (code: string, ...rest: string[]): Promise<Reply> => run("EVAL", code, ...rest);
  t.match(
    errorOf(await evaluate("return redis.call('incr', 'a')", "0")),
    new RegExp(
      `^${inScript}User default has no permissions to run the 'incr' command script: [0-9a-f]{40}, on @user_script:1.`,
    ),
  );
  t.equal(await evaluate("return redis.pcall('get', 'b')['err']", "0"), `${inScript}No permissions to access a key`);
  t.equal(
    await evaluate("return redis.pcall('publish', 'b', 'm')['err']", "0"),
    `${inScript}No permissions to access a channel`,
  );
  t.equal(errorOf(await evaluate("return 1", "1", "b")), NO_KEY, "keys that EVAL declares");
  t.equal(errorOf(await run("EVALSHA_RO", "0".repeat(40), "1", "b")), NO_KEY);
  t.equal(
    await evaluate("return redis.call('set', 'a', 'v')['ok']", "0"),
    "OK",
    "undeclared keys count by what is done",
  );
  t.equal(
    await evaluate("return redis.pcall('subscribe', 'c')['err']", "0"),
    "ERR This Redis command is not allowed from script",
  );
  t.equal(
    await run("EVAL_RO", "return redis.pcall('incr', 'a')['err']", "0"),
    `${inScript}User default has no permissions to run the 'incr' command`,
    "before the check for writes",
  );
  await run(
    "FUNCTION",
    "LOAD",
    "#!lua name=l\nredis.register_function('f', function() return redis.pcall('incr', 'a')['err'] end)",
  );
  t.equal(await run("FCALL", "f", "0"), `${inScript}User default has no permissions to run the 'incr' command`);
  t.equal(errorOf(await run("FCALL", "f", "1", "b")), NO_KEY);
  t.ok(rules.noted.filter(({ where }) => where === "lua").length === 5, JSON.stringify(rules.noted));
  const stats = String(await run("INFO", "commandstats", "errorstats"));
  t.match(stats, /cmdstat_incr:calls=0,.*rejected_calls=3,failed_calls=0/);
});

t.test("redis.acl_check_cmd", async (t) => {
  const { run, rules } = await guarded(t, "+@all", "-config|set", "-incr", "~a*", "&c*");
  const check = (words: string): Promise<Reply> => run("EVAL", `return redis.acl_check_cmd(${words}) and 1 or 0`, "0");
  t.equal(await check("'get', 'a'"), 1);
  t.equal(await check("'get', 'b'"), 0);
  t.equal(await check("'get'"), 1, "arguments that are missing are no keys");
  t.equal(await check("'sort'"), 1);
  t.equal(await check("'incr', 'a'"), 0);
  t.equal(await check("'config', 'get', 'x'"), 1);
  t.equal(await check("'config', 'set', 'x', 'y'"), 0);
  t.equal(await check("'publish', 'c1', 'm'"), 1);
  t.equal(await check("'publish', 'd', 'm'"), 0);
  t.match(errorOf(await check("'nosuch'")), /ERR Invalid command passed to redis.acl_check_cmd\(\)/);
  t.same(rules.noted, [], "asking is no denial");
});

t.test("channels: names are matched, patterns compared", async (t) => {
  const { run, worker } = await guarded(t, "+@all", "&news.*", "&exact");
  t.equal(await run("PUBLISH", "news.a", "m"), 0);
  t.equal(errorOf(await run("PUBLISH", "other", "m")), NO_CHANNEL);
  t.equal(errorOf(await run("SPUBLISH", "other", "m")), NO_CHANNEL);
  t.equal(errorOf(await run("SUBSCRIBE", "news.a", "other")), NO_CHANNEL);
  t.equal(errorOf(await run("SSUBSCRIBE", "other")), NO_CHANNEL);
  t.equal(errorOf(await run("PSUBSCRIBE", "news.a*")), NO_CHANNEL);
  const client = worker.connect();
  t.same(await client.run("PSUBSCRIBE", "news.*"), ["psubscribe", "news.*", 1]);
  t.same(await client.run("UNSUBSCRIBE", "other"), ["unsubscribe", "other", 1], "leaving is free");
  t.equal(worker.server.counters[COUNTER.acl_access_denied_channel], 5);
});

t.test("SORT: BY and GET need the right to read every key", async (t) => {
  const { run, rules } = await guarded(t, "+@all", "~l*");
  await run("RPUSH", "l", "1");
  const by = "ERR BY option of SORT denied due to insufficient ACL permissions.";
  const get = "ERR GET option of SORT denied due to insufficient ACL permissions.";
  t.equal(errorOf(await run("SORT", "l", "BY", "l_*")), by);
  t.equal(errorOf(await run("SORT_RO", "l", "GET", "#")), get);
  t.same(await run("SORT", "l", "BY", "nosort"), ["1"]);
  t.match(await run("EVAL", "return redis.pcall('sort', 'l', 'get', '#')['err']", "0"), get);
  rules.set("default", "+@all", "%R~*", "~l*");
  t.same(await run("SORT", "l", "GET", "#", "BY", "x*"), ["1"]);
  rules.set("default", "+@all", "~l*", "(%R~* +get)");
  t.equal(errorOf(await run("SORT", "l", "GET", "#")), get, "by the selector that allows SORT");
});

t.test("a blocked command is checked again when it is served", async (t) => {
  const { worker, run, rules } = await guarded(t, "+@all", "~*");
  const blocked: TestClient[] = [worker.connect(), worker.connect()];
  rules.set("other", "+@all", "~*");
  const [first, second] = blocked.map((client) => client.run("BLPOP", "l", "0")) as [Promise<Reply>, Promise<Reply>];
  await run("PING");
  const [session] = [...worker.server.sessions.values()].slice(-1);
  if (session === undefined) throw new Error("no session");
  session.client.user = "other";
  rules.set("default", "+@all", "-blpop", "~*");
  t.equal(await run("RPUSH", "l", "v"), 1);
  t.equal(errorOf(await first), noCommand("blpop"), "its reply is the denial");
  t.same(await second, ["l", "v"], "and the next in the queue is served");
  t.match(String(await run("INFO", "commandstats")), /cmdstat_blpop:calls=1,.*rejected_calls=1,failed_calls=0/);
});

t.test("what the server does by itself needs no permission", async (t) => {
  const { run, worker } = await guarded(t, "+keydb.cron", "+get", "~*");
  const ranAt = COUNTER.cron_job_runs;
  t.equal(await run("KEYDB.CRON", "job", "single", "1", "redis.call('set', 'made', 'yes')"), "OK");
  const deadline = Date.now() + 10_000;
  while (worker.server.counters[ranAt] === 0 && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 10));
  t.equal(await run("GET", "made"), "yes");
});

t.test("beside a slow script of the same process", async (t) => {
  const { worker } = await startClient(t, { config: { "busy-reply-threshold": 5 } });
  const rules = new TestRules();
  rules.set("default", "+@all", "-script|kill", "~*");
  rules.set("killer", "+script|kill");
  worker.server.setAccessRules(rules);
  // Bytes that come while the script holds the event loop are read from the socket.
  const replies: string[] = [];
  const connect = (user: string, request: string): void => {
    let unread = Buffer.from(request);
    const connection: Connection = {
      remoteAddress: "127.0.0.1:1",
      localAddress: "127.0.0.1:6379",
      isUnix: false,
      isLoopback: true,
      fd: 1,
      pendingBytes: 0,
      isClosing: false,
      write: (buffer, start, end) => {
        replies.push(`${user} ${buffer.toString("latin1", start, end).trim()}`);
        return true;
      },
      readNow: (target) => {
        if (user === "killer" && replies.length === 0) return 0;
        const size = unread.copy(target);
        unread = Buffer.alloc(0);
        return size;
      },
      pause() {},
      resume() {},
      end() {},
      destroy() {},
      moveTo: () => false,
      setKeepAlive() {},
    };
    worker.server.accept(connection);
    const session = [...worker.server.sessions.values()].at(-1);
    if (session === undefined) throw new Error("no session");
    session.client.user = user;
  };
  connect("default", "SCRIPT KILL\r\nGET k\r\n");
  connect("killer", "SCRIPT KILL\r\nGET k\r\n");
  const reply = await worker.connect().run("EVAL", "while true do end", "0");
  t.match(errorOf(reply), /Script killed by user with SCRIPT KILL/);
  const busy = "-BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.";
  t.same(replies, [
    `default -${noCommand("script|kill")}\r\n${busy}`,
    "killer +OK\r\n-NOPERM User killer has no permissions to run the 'get' command",
  ]);
  t.same(
    rules.noted.map(({ user, command }) => [user, command]),
    [
      ["default", "script|kill"],
      ["killer", "get"],
    ],
  );
});
