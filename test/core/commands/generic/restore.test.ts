import t from "tap";
import { RespError, startClient } from "../../../support/run.ts";

const SYNTAX = new RespError("ERR syntax error");

t.test("RESTORE: options, expiry, errors in Redis' order", async (t) => {
  const { run } = await startClient(t);
  await run("SET", "a", "value");
  const dump = Buffer.from((await run("DUMP", "a")) as string, "latin1");
  const broken = Buffer.from(dump);
  broken[2] = 0;
  t.same(await run("RESTORE", "a", 0, dump), new RespError("BUSYKEY Target key name already exists."));
  t.same(await run("RESTORE", "a", "x", broken), new RespError("BUSYKEY Target key name already exists."));
  t.same(await run("RESTORE", "b", "x", broken), new RespError("ERR value is not an integer or out of range"));
  t.same(await run("RESTORE", "b", -1, broken), new RespError("ERR Invalid TTL value, must be >= 0"));
  for (const payload of [broken, Buffer.alloc(0), Buffer.from("short")]) {
    t.same(await run("RESTORE", "b", 0, payload), new RespError("ERR DUMP payload version or checksum are wrong"));
  }
  for (const words of [["FOO"], ["IDLETIME"], ["IDLETIME", "1", "FREQ", "1"], ["FREQ", "1", "IDLETIME", "1"]]) {
    t.same(await run("RESTORE", "b", 0, dump, ...words), SYNTAX);
  }
  const notNegative = new RespError("ERR Invalid IDLETIME value, must be >= 0");
  t.same(await run("RESTORE", "b", 0, dump, "IDLETIME", "-1"), notNegative);
  for (const frequency of ["-1", "256"]) {
    const expected = new RespError("ERR Invalid FREQ value, must be >= 0 and <= 255");
    t.same(await run("RESTORE", "b", 0, dump, "FREQ", frequency), expected);
  }
  t.equal(await run("EXISTS", "b"), 0);
  const otherSum = Buffer.concat([dump.subarray(0, -8), Buffer.alloc(8)]);
  t.equal(await run("DEBUG", "SET-SKIP-CHECKSUM-VALIDATION", 1), "OK");
  t.equal(await run("RESTORE", "c", 0, otherSum), "OK");
  t.equal(await run("DEBUG", "SET-SKIP-CHECKSUM-VALIDATION", 0), "OK");
  t.same(await run("RESTORE", "d", 0, otherSum), new RespError("ERR DUMP payload version or checksum are wrong"));
  t.equal(await run("RESTORE", "b", 100_000, dump, "IDLETIME", 500), "OK");
  t.equal(await run("GET", "b"), "value");
  t.equal(await run("RESTORE", "b", 0, dump, "REPLACE", "IDLETIME", 500), "OK");
  t.equal(await run("OBJECT", "IDLETIME", "b"), 500);
  t.equal(await run("PTTL", "b"), -1);
  t.equal(await run("RESTORE", "b", 33_000_000_000_000, dump, "replace", "absttl"), "OK");
  t.equal(await run("PEXPIRETIME", "b"), 33_000_000_000_000);
  t.equal(await run("RESTORE", "b", "9223372036854775807", dump, "REPLACE", "ABSTTL"), "OK");
  t.equal(await run("PEXPIRETIME", "b"), 9223372036854775807n);
  t.equal(await run("RESTORE", "b", 1, dump, "REPLACE", "ABSTTL"), "OK", "in the past");
  t.equal(await run("EXISTS", "b"), 0);
  t.equal(await run("RESTORE-ASKING", "b", 0, dump), "OK");
  t.equal(await run("GET", "b"), "value");
});

t.test("RESTORE takes a key of any length, and LFU's counter", async (t) => {
  const { run } = await startClient(t, { config: { "maxmemory-policy": "allkeys-lfu" } });
  await run("RPUSH", "a", 1, 2, 3);
  const dump = Buffer.from((await run("DUMP", "a")) as string, "latin1");
  const long = "k".repeat(5000);
  t.equal(await run("RESTORE", long, 50_000, dump, "FREQ", 77), "OK");
  t.equal(await run("OBJECT", "FREQ", long), 77);
  t.same(await run("LRANGE", long, 0, -1), ["1", "2", "3"]);
  t.ok(Number(await run("PTTL", long)) > 40_000);
});
