import t from "tap";
import { checkKeyspace } from "../../../../packages/core/src/keyspace/check.ts";
import { RespError, startClient, startWorker } from "../../../support/run.ts";

const ZEROS = "0".repeat(40);

t.test("DEBUG DIGEST is that of Redis", async (t) => {
  const { run } = await startClient(t);
  t.equal(await run("DEBUG", "DIGEST"), ZEROS);
  // Values computed by redis-server 7.2.4.
  await run("SET", "a", "1");
  t.equal(await run("DEBUG", "DIGEST"), "943d800368fb9c0e951138f1bc0e313ac769d91f");
  await run("SET", "b", "hello");
  t.equal(await run("DEBUG", "DIGEST"), "2539797405e828ad7a3aa48c536b3eaf2803a421");
  await run("SELECT", "1");
  await run("SET", "a", "1");
  t.equal(await run("DEBUG", "DIGEST"), "a15023c7f088d2c0a14dab9624be81870a7ab1af");
  const [value, missing] = (await run("DEBUG", "DIGEST-VALUE", "a", "nokey")) as string[];
  t.match(value, /^[0-9a-f]{40}$/);
  t.equal(missing, ZEROS);
  await run("EXPIREAT", "a", "33177117420");
  t.equal(await run("DEBUG", "DIGEST"), "3905180bd2a6874acc9610f0b1382def21113ac1");
  t.not((await run("DEBUG", "DIGEST-VALUE", "a"))?.toString(), value, "an expiry counts");
  t.same(await run("DEBUG", "DIGEST-VALUE"), []);
});

t.test("DEBUG DIGEST of many and of large keys", async (t) => {
  const { run } = await startClient(t, { store: "lmdb" });
  await run("DEBUG", "POPULATE", "1000");
  const digest = await run("DEBUG", "DIGEST");
  await run("SET", "x".repeat(3000), "y".repeat(100_000));
  t.not(await run("DEBUG", "DIGEST"), digest);
  await run("DEL", "x".repeat(3000));
  t.equal(await run("DEBUG", "DIGEST"), digest);
});

t.test("DEBUG POPULATE, OBJECT, SDSLEN, HTSTATS, RELOAD, STORE", async (t) => {
  const { run } = await startClient(t);
  await run("SET", "key:1", "mine");
  t.equal(await run("DEBUG", "POPULATE", "3"), "OK");
  t.same(await run("MGET", "key:0", "key:1", "key:2", "key:3"), ["value:0", "mine", "value:2", null]);
  await run("DEBUG", "POPULATE", "2", "p", "10");
  t.equal(await run("GET", "p:1"), "value:1\0\0\0");
  await run("DEBUG", "POPULATE", "1", "q", "3");
  t.equal(await run("GET", "q:0"), "val");
  t.match(
    await run("DEBUG", "OBJECT", "p:1"),
    /^Value at:0x[0-9a-f]+ refcount:1 encoding:embstr serializedlength:11 lru:\d+ lru_seconds_idle:\d+$/,
  );
  t.same(await run("DEBUG", "OBJECT", "nokey"), new RespError("ERR no such key"));
  t.match(await run("DEBUG", "SDSLEN", "p:1"), /^key_sds_len:3, key_sds_avail:0, .* val_sds_len:10, val_sds_avail:0, /);
  await run("SET", "n", "12");
  t.same(await run("DEBUG", "SDSLEN", "n"), new RespError("ERR Not an sds encoded string."));
  t.match(
    await run("DEBUG", "HTSTATS", "0"),
    /\[Dictionary HT\]\n.*\n.*number of elements: 7\n[\s\S]*\[Expires HT\]\nNo stats/,
  );
  t.same(await run("DEBUG", "HTSTATS", "99"), new RespError("ERR Out of range database"));
  await run("SET", "due", "1", "PX", "1");
  await new Promise((resolve) => setTimeout(resolve, 5));
  const digest = await run("DEBUG", "DIGEST");
  t.equal(await run("DEBUG", "RELOAD"), "OK");
  t.equal(await run("DEBUG", "RELOAD", "NOSAVE", "NOFLUSH", "MERGE"), "OK");
  t.equal(await run("DEBUG", "DIGEST"), digest);
  t.equal(await run("DBSIZE"), 7);
  const loaded = new RespError("ERR Error trying to load the RDB dump, check server logs.");
  t.same(await run("DEBUG", "RELOAD", "NOFLUSH"), loaded, "what is loaded is there");
  t.match(String(await run("DEBUG", "RELOAD", "FOO")), /only supports the MERGE, NOFLUSH and NOSAVE/);
  const store = (await run("DEBUG", "STORE")) as (string | number)[];
  t.equal(store[store.indexOf("rows_keys") + 1], 7);
  t.equal(store[store.indexOf("trash_length") + 1], 0);
});

t.test("DEBUG PROTOCOL", async (t) => {
  const { run } = await startClient(t);
  const sample = (type: string): Promise<unknown> => run("DEBUG", "PROTOCOL", type);
  t.equal(await sample("double"), "3.141");
  t.equal(await sample("bignum"), "1234567999999999999999999999999999999");
  t.equal(await sample("TRUE"), 1);
  t.same(await sample("map"), [0, 0, 1, 1, 2, 0]);
  t.same(await sample("push"), new RespError("ERR RESP2 is not supported by this command"));
  t.equal(await sample("attrib"), "Some real reply following the attribute");
  await run("HELLO", "3");
  t.same(await sample("double"), { double: "3.141" });
  t.same(await sample("set"), new Set([0, 1, 2]));
  t.equal(await sample("null"), null);
  t.equal(await sample("false"), false);
  t.same(await sample("verbatim"), { verbatim: "txt", text: "This is a verbatim\nstring" });
  t.match(String(await sample("nosuch")), /Wrong protocol type name/);
});

t.test("DEBUG's small tools", async (t) => {
  const { run, worker } = await startClient(t);
  const before = performance.now();
  t.equal(await run("DEBUG", "SLEEP", "0.15"), "OK");
  t.ok(performance.now() - before >= 149);
  t.equal(await run("DEBUG", "SLEEP", "abc"), "OK");
  t.same(await run("DEBUG", "ERROR", "MYERR a\nb"), new RespError("MYERR a b"));
  t.notMatch(await run("INFO", "errorstats"), "MYERR");
  await run("DEBUG", "LOG", "a message");
  t.same(worker.warnings, ["DEBUG LOG: a message"]);
  const id = async (): Promise<string> =>
    /master_replid:(\w+)/.exec(String(await run("INFO", "replication")))?.[1] ?? "";
  const first = await id();
  t.equal(await run("DEBUG", "CHANGE-REPL-ID"), "OK");
  t.match(await id(), /^[0-9a-f]{40}$/);
  t.not(await id(), first);
  t.equal(await run("DEBUG", "STRINGMATCH-TEST"), "Apparently Redis did not crash: test passed");
  t.match(String(await run("DEBUG", "CONFIG-REWRITE-FORCE-ALL")), /CONFIG-REWRITE-FORCE-ALL failed/);
  const syntax = (word: string): RespError =>
    new RespError(`ERR unknown subcommand or wrong number of arguments for '${word}'. Try DEBUG HELP.`);
  t.same(await run("DEBUG", "FOO"), syntax("FOO"));
  t.same(await run("DEBUG", "OBJECT"), syntax("OBJECT"));
  t.same(await run("DEBUG", "toString"), syntax("toString"));
  t.equal(((await run("DEBUG", "HELP")) as string[]).at(-2), "HELP");
});

t.test("DEBUG SET-ACTIVE-EXPIRE and PAUSE-CRON stop the background", async (t) => {
  const { run, worker } = await startClient(t);
  const rows = async (): Promise<number> => (await run("DBSIZE")) as number;
  for (const [stop, go] of [
    [
      ["SET-ACTIVE-EXPIRE", "0"],
      ["SET-ACTIVE-EXPIRE", "1"],
    ],
    [
      ["PAUSE-CRON", "1"],
      ["PAUSE-CRON", "0"],
    ],
  ] as const) {
    await run("DEBUG", ...stop);
    await run("SET", "due", "1", "PX", "10");
    await new Promise((resolve) => setTimeout(resolve, 300));
    t.equal(await rows(), 1, `${stop.join(" ")}: the due key is still there`);
    await run("DEBUG", ...go);
    while ((await rows()) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  t.same(worker.warnings, []);
});

t.test("DEBUG in MULTI has the access of its tool", async (t) => {
  const { run } = await startClient(t);
  await run("MULTI");
  await run("DEBUG", "POPULATE", "2");
  await run("DEBUG", "DIGEST");
  const [ok, digest] = (await run("EXEC")) as string[];
  t.equal(ok, "OK");
  t.not(digest, ZEROS);
});

t.test("DEBUG must be allowed", async (t) => {
  const worker = await startWorker(t, { config: { "enable-debug-command": "no" } });
  t.match(String(await worker.connect().run("DEBUG", "DIGEST")), /ERR DEBUG command not allowed/);
});

t.test("DEBUG LISTPACK", async (t) => {
  const { run, worker } = await startClient(t);
  await run("RPUSH", "l", "a", "b");
  await run("HSET", "h", "f", "1");
  await run("ZADD", "z", "1.5", "m");
  await run("SADD", "s", "x", "y");
  await run("SADD", "intset", "1");
  for (const key of ["l", "h", "z", "s"]) {
    t.equal(await run("DEBUG", "LISTPACK", key), "Listpack structure printed on stdout");
  }
  t.same(await run("DEBUG", "LISTPACK", "intset"), new RespError("ERR Not a listpack encoded object."));
  t.same(await run("DEBUG", "LISTPACK", "none"), new RespError("ERR no such key"));
  const told = worker.warnings.filter((line) => line.includes("LISTPACK"));
  // As lpRepr of Redis 7.2.4 says of the same values.
  t.same(
    told.map((line) => /\{total bytes (\d+)\} \{num entries (\d+)\}/.exec(line)?.slice(1, 3).map(Number)),
    [
      [13, 2],
      [12, 2],
      [15, 2],
      [13, 2],
    ],
  );
});

t.test("DEBUG RELOAD takes every value through its saved form", async (t) => {
  const { run, worker } = await startClient(t);
  t.equal(await run("DEBUG", "RELOAD", "NOFLUSH"), "OK", "nothing is there");
  await run("CONFIG", "SET", "list-max-listpack-size", 3);
  await run("RPUSH", "list", "a", "b", "c", "d");
  await run("RPOP", "list");
  await run("SADD", "set", ...Array.from({ length: 300 }, (_, i) => `m${i}`));
  await run("HSET", "hash", "f", "v");
  await run("HPEXPIREAT", "hash", 33_000_000_000_000, "FIELDS", 1, "f");
  await run("SET", "text", "v", "PXAT", "9223372036854775807");
  await run("KEYDB.CRON", "job", "repeat", 100_000_000, "return 1");
  t.equal(await run("OBJECT", "ENCODING", "list"), "quicklist");
  const digest = await run("DEBUG", "DIGEST");
  const job = await run("KEYDB.CRONLIST");
  const changes = /rdb_changes_since_last_save:\d+/.exec(String(await run("INFO", "persistence")))?.[0];
  t.equal(await run("DEBUG", "RELOAD"), "OK");
  t.equal(await run("DEBUG", "DIGEST"), digest);
  t.equal(await run("OBJECT", "ENCODING", "list"), "listpack");
  t.same(await run("HPEXPIRETIME", "hash", "FIELDS", 1, "f"), [33_000_000_000_000]);
  t.equal(await run("PEXPIRETIME", "text"), 9223372036854775807n);
  t.same(await run("KEYDB.CRONLIST"), job);
  t.match(String(await run("INFO", "persistence")), new RegExp(changes ?? "none"), "a load is no change");
  t.same(checkKeyspace(worker.server.keyspace).problems, []);
  worker.store.releaseSnapshot();
});
