/** The Lua state: what a script may reach, and what its end leaves behind. Replies in general: test/conformance. */
import t from "tap";
import { RespError, startClient } from "../../support/run.ts";

t.test("`keydb` is `redis`", async (t) => {
  const { run } = await startClient(t);
  t.equal(await run("EVAL", "return keydb.call('echo', 'x')", 0), "x");
  t.equal(await run("EVAL", "return tostring(keydb == redis)", 0), "true");
});

t.test("a script cannot change what others see", async (t) => {
  const { run } = await startClient(t);
  for (const change of [
    "x = 1",
    "redis.call = nil",
    "string.format = nil",
    "rawset(_G, 'x', 1)",
    "table.insert(math, 1)",
    "setmetatable(_G, {})",
    "getmetatable('').__index = nil",
    "getmetatable(_G).__index = nil",
    "setmetatable(redis, {__index = {}})",
    "cjson.encode = nil",
    "bit[1] = 1",
  ]) {
    t.match(await run("EVAL", change, 0), { message: /Attempt to modify a readonly table/ }, change);
  }
  t.equal(await run("EVAL", "local t = {} t.x = 1 t[1] = 2 setmetatable(t, {}) return t.x + t[1]", 0), 3);
});

t.test("bytecode is not taken", async (t) => {
  const { run } = await startClient(t);
  t.match(await run("EVAL", "return assert(loadstring(string.dump(function() end)))", 0), {
    message: /unexpected symbol/,
  });
});

t.test("errors keep what was written before", async (t) => {
  const { run } = await startClient(t);
  t.match(await run("EVAL", "redis.call('set','k','v') redis.call('incr','k')", 0), { message: /not an integer/ });
  t.equal(await run("GET", "k"), "v");
});

t.test("read-only runs", async (t) => {
  const { run } = await startClient(t);
  await run("SET", "k", "v");
  t.equal(await run("EVAL_RO", "return redis.call('get', KEYS[1])", 1, "k"), "v");
  t.match(await run("EVAL_RO", "return redis.call('del', KEYS[1])", 1, "k"), { message: /read-only scripts/ });
  t.match(await run("EVAL", "#!lua flags=no-writes\nredis.call('del', 'k')", 0), { message: /read-only scripts/ });
  t.equal(await run("GET", "k"), "v");
});

t.test("binary strings go both ways", async (t) => {
  const { run } = await startClient(t);
  const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
  await run("EVAL", "redis.call('set', KEYS[1], ARGV[1])", 1, all, all);
  t.equal(await run("STRLEN", all), 256);
  t.equal(await run("EVAL", "return #redis.call('get', KEYS[1])", 1, all), 256);
});

t.test("large values and many results", async (t) => {
  const { run } = await startClient(t);
  await run("EVAL", "redis.call('set', 'big', string.rep('x', 5000000))", 0);
  t.equal(await run("STRLEN", "big"), 5_000_000);
  t.equal(await run("EVAL", "return #redis.call('get', 'big')", 0), 5_000_000);
  const list = (await run("EVAL", "local t = {} for i = 1, 100000 do t[i] = i end return t", 0)) as unknown[];
  t.equal(list.length, 100_000);
});

t.test("stack and memory have limits, the state survives them", async (t) => {
  const { run } = await startClient(t);
  t.match(await run("EVAL", "local function f() return 1 + f() end return f()", 0), { message: /stack overflow/ });
  t.match(await run("EVAL", "local s = 'x' while true do s = s .. s end", 0), { message: /not enough memory/ });
  t.equal(await run("EVAL", "return 1", 0), 1);
});

t.test("libraries go down no deeper than their recursion can", async (t) => {
  const { run } = await startClient(t);
  // From inside as many nested C calls as Lua allows.
  const deep = (what: string): string =>
    `local function f(n)
       if n == 0 then return tostring(select(2, pcall(function() ${what} end))) end
       local r string.gsub('a', 'a', function() r = f(n - 1) end) return r
     end
     return {f(0), f(190)}`;
  const nested = "local t = {} for i = 1, 100000 do t = {t} end";
  for (const [what, problem] of [
    ["return cmsgpack.unpack(string.rep('\\145', 100000))", /stack overflow \(in function mp_decode_to_lua_array\)/],
    ["return cmsgpack.unpack(string.rep('\\129\\1', 100000))", /stack overflow \(in function mp_decode_to_lua_hash\)/],
    [
      "cjson.decode_max_depth(1e9) return cjson.decode(string.rep('[', 100000))",
      /too many nested data structures \(1001\)/,
    ],
    ["cjson.decode_max_depth(1e9) return cjson.decode(string.rep('{\"a\":', 100000))", /structures \(1001\)/],
    [`${nested} cjson.encode_max_depth(1e9) return cjson.encode(t)`, /excessive nesting \(1001\)/],
  ] as const) {
    const texts = (await run("EVAL", deep(what), 0)) as string[];
    t.equal(texts.length, 2);
    for (const text of texts) t.match(text, problem, what);
  }
  t.equal(await run("EVAL", "return #cmsgpack.unpack(string.rep('\\145', 1000) .. '\\1')", 0), 1);
});

t.test("long repeats are made at once, or refused", { timeout: 30_000 }, async (t) => {
  const { run } = await startClient(t);
  t.equal(await run("EVAL", "return #string.rep('x', 3e8)", 0), 3e8);
  t.match(await run("EVAL", "return #string.rep('x', 2^31 - 1)", 0), { message: /not enough memory/ });
  t.match(await run("EVAL", "return #string.rep(string.rep('x', 1e6), 2^31 - 1)", 0), { message: /not enough memory/ });
  t.equal(await run("EVAL", "return string.rep('ab', 3)", 0), "ababab");
});

t.test("functions with names in any case, collected per library", async (t) => {
  const { run } = await startClient(t);
  const code = "#!lua name=l\nredis.register_function('Add', function(k, a) return a[1] + a[2] end)";
  t.equal(await run("FUNCTION", "LOAD", code), "l");
  t.equal(await run("FCALL", "add", 0, 2, 3), 5);
  const payload = await run("FUNCTION", "DUMP");
  t.same(await run("FCALL", "nosuch", 0), new RespError("ERR Function not found"));
  t.equal(await run("FUNCTION", "FLUSH"), "OK");
  t.match(await run("FCALL", "add", 0, 2, 3), { message: /Function not found/ });
  t.ok(payload !== null);
});

t.test("scripts that have only read so far run without the lock, until they write", async (t) => {
  const { run } = await startClient(t, { store: "lmdb" });
  const txns = async () => Number(/write_txns:(\d+)/.exec(String(await run("INFO", "everything")))?.[1]);
  // The pcall and the loop: what needs the lock ends the trial whatever the script does about it.
  const code =
    "local r = redis.call('get', KEYS[1]) if ARGV[1] == 'write' then " +
    "while true do local e = redis.pcall('incr', KEYS[1]) if type(e) == 'number' then return e end end end return r";
  const sha = String(await run("SCRIPT", "LOAD", code));
  await run("SET", "n", 5);
  for (const call of [["EVALSHA", sha] as const, ["EVAL", code] as const]) {
    for (let i = 0; i < 20; i++) t.equal(await run(...call, 1, "n", "read"), "5");
    const before = await txns();
    for (let i = 0; i < 20; i++) t.equal(await run(...call, 1, "n", "read"), "5");
    t.equal(await txns(), before, "no write txn");
  }
  const before = await txns();
  t.equal(await run("EVALSHA", sha, 1, "n", "write"), 6, "it ran once");
  t.equal(await run("EVALSHA", sha, 1, "n", "read"), "6");
  t.equal(await txns(), before + 2, "no more trials");
  t.notMatch(await run("INFO", "errorstats"), /errorstat/);
  // An error of the script itself in a trial is its reply.
  const failing = "redis.call('get', KEYS[1]) if ARGV[1] == 'x' then error('oops') end return 1";
  for (let i = 0; i < 20; i++) t.equal(await run("EVAL", failing, 1, "n", "y"), 1);
  t.match(await run("EVAL", failing, 1, "n", "x"), { message: /oops/ });
  t.match(await run("INFO", "errorstats"), /errorstat_ERR:count=1\r/);
});

t.test("EVAL finds its script by the bytes, and again after a flush", async (t) => {
  const { run } = await startClient(t);
  for (let i = 0; i < 200; i++) {
    const code = `return ${i % 100} + #ARGV`;
    t.equal(await run("EVAL", code, 0, "a"), (i % 100) + 1);
    if (i === 150) await run("SCRIPT", "FLUSH");
  }
  t.equal(await run("EVAL", "", 0), null);
});
