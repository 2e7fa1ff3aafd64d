import t from "tap";
import { RespError, startClient } from "../../../support/run.ts";

const NO_INTEGER = new RespError("ERR value is not an integer or out of range");
const INT64_MAX = 9223372036854775807n;

t.test("the four ways to set an expiry", async (t) => {
  const { run } = await startClient(t);
  await run("SET", "a", "1");
  t.equal(await run("EXPIRE", "a", 100), 1);
  t.equal(await run("TTL", "a"), 100);
  t.equal(await run("PEXPIRE", "a", 50_000), 1);
  t.equal(await run("TTL", "a"), 50);
  t.equal(await run("EXPIREAT", "a", 4_000_000_000), 1);
  t.equal(await run("PEXPIRETIME", "a"), 4_000_000_000_000);
  t.equal(await run("PEXPIREAT", "a", 4_000_000_000_123), 1);
  t.equal(await run("PEXPIRETIME", "a"), 4_000_000_000_123);
  t.equal(await run("GET", "a"), "1");
  for (const name of ["EXPIRE", "PEXPIRE", "EXPIREAT", "PEXPIREAT"]) {
    const lower = name.toLowerCase();
    t.equal(await run(name, "nokey", 100), 0);
    t.same(await run(name, "a", "x"), NO_INTEGER);
    t.same(await run(name, "a", ""), NO_INTEGER);
    t.same(await run(name, "nokey", 1.5), NO_INTEGER);
    t.same(await run(name, "a", 1n << 63n), NO_INTEGER);
    t.same(await run(name, "a"), new RespError(`ERR wrong number of arguments for '${lower}' command`));
    await run("SET", "past", "x".repeat(20_000));
    t.equal(await run(name, "past", -1), 1);
    t.equal(await run("EXISTS", "past"), 0, "an expiry in the past deletes");
  }
});

t.test("overflow", async (t) => {
  const { run } = await startClient(t);
  const invalid = (name: string): RespError => new RespError(`ERR invalid expire time in '${name}' command`);
  await run("SET", "a", "1");
  t.same(await run("EXPIRE", "a", INT64_MAX), invalid("expire"));
  t.same(await run("EXPIRE", "a", INT64_MAX / 1000n), invalid("expire"));
  t.same(await run("EXPIRE", "a", -(INT64_MAX / 1000n) - 1n), invalid("expire"));
  t.same(await run("EXPIREAT", "a", INT64_MAX / 1000n + 1n), invalid("expireat"));
  t.same(await run("PEXPIRE", "a", INT64_MAX), invalid("pexpire"));
  t.equal(await run("EXISTS", "a"), 1);
  // Everything a 64-bit integer holds is kept to the millisecond.
  for (const at of [INT64_MAX, INT64_MAX - 1n, (1n << 53n) + 1n, (1n << 53n) - 1n]) {
    t.equal(await run("PEXPIREAT", "a", at), 1);
    t.equal(BigInt((await run("PEXPIRETIME", "a")) as number), at);
    await run("APPEND", "a", "2");
    await run("RENAME", "a", "b");
    await run("COPY", "b", "a");
    t.equal(BigInt((await run("PEXPIRETIME", "a")) as number), at, "kept by changes, renames and copies");
    t.equal(await run("PEXPIREAT", "a", at - 1n, "GT"), 0);
    t.equal(await run("PEXPIREAT", "a", at, "LT"), 0);
    await run("DEL", "b");
  }
  t.equal(await run("EXPIREAT", "a", INT64_MAX / 1000n), 1);
  t.equal(BigInt((await run("EXPIRETIME", "a")) as number), INT64_MAX / 1000n);
});

t.test("conditions", async (t) => {
  const { run } = await startClient(t);
  const at = 4_000_000_000;
  const expiry = async (before: number | null, value: number, ...words: string[]): Promise<[unknown, unknown]> => {
    await run("SET", "a", "1");
    if (before !== null) await run("EXPIREAT", "a", before);
    return [await run("EXPIREAT", "a", value, ...words), await run("EXPIRETIME", "a")];
  };
  t.same(await expiry(null, at, "NX"), [1, at]);
  t.same(await expiry(at, at + 1, "nx"), [0, at]);
  t.same(await expiry(null, at, "XX"), [0, -1]);
  t.same(await expiry(at, at + 1, "XX"), [1, at + 1]);
  t.same(await expiry(null, at, "GT"), [0, -1], "without expiry counts as for ever");
  t.same(await expiry(at, at, "GT"), [0, at]);
  t.same(await expiry(at, at + 1, "GT"), [1, at + 1]);
  t.same(await expiry(at, at - 1, "GT"), [0, at]);
  t.same(await expiry(null, at, "LT"), [1, at]);
  t.same(await expiry(at, at, "LT"), [0, at]);
  t.same(await expiry(at, at - 1, "LT"), [1, at - 1]);
  t.same(await expiry(null, at, "LT", "XX"), [0, -1]);
  t.same(await expiry(at, at - 1, "XX", "LT"), [1, at - 1]);
  t.same(await expiry(at, at + 1, "XX", "GT", "xx"), [1, at + 1]);
  t.same(await expiry(at, -1, "NX"), [0, at], "the condition comes before the deletion");
  t.same(await expiry(at, -1, "LT"), [1, -2]);
  const both = new RespError("ERR NX and XX, GT or LT options at the same time are not compatible");
  for (const word of ["XX", "GT", "LT"]) t.same(await run("EXPIRE", "a", 1, "NX", word), both);
  t.same(
    await run("EXPIRE", "a", 1, "GT", "LT"),
    new RespError("ERR GT and LT options at the same time are not compatible"),
  );
  t.same(await run("EXPIRE", "a", "x", "foo"), new RespError("ERR Unsupported option foo"), "options are read first");
});
