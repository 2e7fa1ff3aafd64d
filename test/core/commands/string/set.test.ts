import t from "tap";
import { RespError } from "../../../support/run.ts";
import {
  CHUNK_BYTES,
  checkCommon,
  EMBSTR_MAX,
  NOT_AN_INTEGER,
  SYNTAX_ERROR,
  startStrings,
  WRONGTYPE,
} from "../../../support/string-client.ts";

const INVALID_EXPIRE = new RespError("ERR invalid expire time in 'set' command");
const INT64_MAX = 9223372036854775807n;

t.test("SET", async (t) => {
  await checkCommon(t, ["SET", "KEY", "v"], "OK");
  await checkCommon(t, ["SET", "KEY", "v", "GET"], null);
  await checkCommon(t, ["SET", "KEY", "v", "XX"], null);
  await checkCommon(t, ["SET", "KEY", "v", "NX"], "OK");
  await checkCommon(t, ["SETNX", "KEY", "v"], 1);
  const { run, encoding } = await startStrings(t);
  t.equal(await run("SET", "list", "v"), "OK", "replaces any type");
  t.equal(await run("GET", "list"), "v");
  for (const [value, wanted] of [
    ["0", "int"],
    ["-12", "int"],
    [String(INT64_MAX), "int"],
    [String(INT64_MAX + 1n), "embstr"],
    ["-9223372036854775808", "int"],
    ["012", "embstr"],
    ["1.5", "embstr"],
    ["", "embstr"],
    ["x".repeat(EMBSTR_MAX), "embstr"],
    ["x".repeat(EMBSTR_MAX + 1), "raw"],
    ["x".repeat(CHUNK_BYTES * 2), "raw"],
  ] as const) {
    await run("SET", "a", value);
    t.equal(await encoding("a"), wanted, value.slice(0, 30));
  }
});

t.test("NX, XX and GET", async (t) => {
  const { run } = await startStrings(t);
  t.equal(await run("SET", "a", "1", "xx"), null);
  t.equal(await run("SET", "a", "1", "nx", "NX"), "OK");
  t.equal(await run("SET", "a", "2", "NX"), null);
  t.equal(await run("SET", "a", "2", "XX", "GET", "get"), "1");
  t.equal(await run("SET", "a", "3", "NX", "GET"), "2", "the old value tells that it was not set");
  t.equal(await run("GET", "a"), "2");
  t.equal(await run("SET", "b", "1", "NX", "GET"), null);
  t.equal(await run("GET", "b"), "1");
  t.equal(await run("SETNX", "b", "2"), 0);
  t.equal(await run("SETNX", "list", "2"), 0);
  t.same(await run("SET", "list", "1", "GET"), WRONGTYPE);
  t.equal(await run("SET", "list", "1", "NX"), null);
  await run("SET", "c", "y".repeat(50_000));
  t.equal(await run("SET", "c", "z".repeat(30_000), "GET"), "y".repeat(50_000));
  t.equal(await run("GET", "c"), "z".repeat(30_000));
  await run("HELLO", 3);
  t.equal(await run("SET", "a", "1", "NX"), null);
});

t.test("expiry", async (t) => {
  const { run, setDue } = await startStrings(t);
  await run("SET", "a", "1", "EX", 100);
  t.equal(await run("TTL", "a"), 100);
  await run("SET", "a", "1", "px", 50_000);
  t.equal(await run("TTL", "a"), 50);
  await run("SET", "a", "1", "EXAT", 4_000_000_000);
  t.equal(await run("PEXPIRETIME", "a"), 4_000_000_000_000);
  await run("SET", "a", "2", "KEEPTTL");
  t.equal(await run("PEXPIRETIME", "a"), 4_000_000_000_000);
  await run("SET", "a", "1", "PXAT", INT64_MAX);
  t.equal(await run("PEXPIRETIME", "a"), INT64_MAX);
  await run("SET", "a", "1");
  t.equal(await run("TTL", "a"), -1, "dropped");
  await run("SET", "a", "1", "EX", 5, "EX", 100);
  t.equal(await run("TTL", "a"), 100, "the last one counts");
  await run("SET", "past", "1", "PXAT", 1);
  t.equal(await run("EXISTS", "past"), 0);
  await setDue("due", "1");
  await run("SET", "due", "2", "KEEPTTL");
  t.equal(await run("TTL", "due"), -1, "a due key has no expiry to keep");
  for (const time of ["0", "-1", String(INT64_MAX), String(INT64_MAX / 1000n + 1n)]) {
    t.same(await run("SET", "a", "1", "EX", time), INVALID_EXPIRE, time);
  }
  t.same(await run("SET", "a", "1", "PX", INT64_MAX), INVALID_EXPIRE);
  t.same(await run("SET", "a", "1", "EX", "x"), NOT_AN_INTEGER);
  t.same(await run("SET", "a", "1", "EX", INT64_MAX + 1n), NOT_AN_INTEGER);
});

t.test("syntax", async (t) => {
  const { run } = await startStrings(t);
  for (const options of [
    "NX XX",
    "XX NX",
    "EX",
    "EX 10 PX 10",
    "PX 10 EXAT 10",
    "KEEPTTL EX 10",
    "EX 10 KEEPTTL",
    "PERSIST",
    "FOO",
    "NX 1",
    "PXAT 10 PXAT",
  ]) {
    t.same(await run("SET", "a", "1", ...options.split(" ")), SYNTAX_ERROR, options);
  }
  t.equal(await run("EXISTS", "a"), 0);
  t.equal(await run("SET", "a", "1", "keepttl", "KEEPTTL"), "OK");
});

t.test("COMMAND GETKEYSANDFLAGS tells with GET that it reads", async (t) => {
  const { worker } = await startStrings(t);
  const keysBy = worker.server.registry.get("set")?.spec.keysBy;
  const { Args } = await import("../../../../packages/core/src/resp/args.ts");
  const keys = (text: string) => keysBy?.(Args.of(text.split(" ").map((word) => Buffer.from(word))));
  t.same(keys("SET k v EX 10"), [{ index: 1, flags: ["OW", "update"] }]);
  t.same(keys("SET k v EX 10 get"), [{ index: 1, flags: ["RW", "access", "update"] }]);
});
