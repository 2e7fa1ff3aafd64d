import t from "tap";
import { RespError, startClient } from "../../../support/run.ts";

const ZERO_ID = "ERR The ID specified in XADD must be greater than 0-0";
const TOO_SMALL = "ERR The ID specified in XADD is equal or smaller than the target stream top item";
const INVALID = "ERR Invalid stream ID specified as stream command argument";

t.test("IDs", async (t) => {
  const { run } = await startClient(t);
  const error = async (text: string, ...args: string[]) => {
    const reply = await run(...args);
    t.ok(reply instanceof RespError && reply.message === text, `${args.join(" ")}: ${text}`);
  };
  t.equal(await run("XADD", "s", "1-1", "f", "v"), "1-1");
  await error(TOO_SMALL, "XADD", "s", "1-1", "f", "v");
  await error(TOO_SMALL, "XADD", "s", "0-5", "f", "v");
  await error(ZERO_ID, "XADD", "s", "0-0", "f", "v");
  await error(ZERO_ID, "XADD", "fresh", "0", "f", "v");
  for (const id of ["-", "+", "x", "1-", "-1", "1-x", "1-2-3", "", "5-**"])
    await error(INVALID, "XADD", "s", id, "f", "v");
  t.equal(await run("XADD", "s", "1-*", "f", "v"), "1-2");
  t.equal(await run("XADD", "s", "7", "f", "v"), "7-0");
  t.equal(await run("XADD", "s", "8-*", "f", "v"), "8-0");
  t.match(await run("XADD", "s", "*", "f", "v"), /^\d{13}-0$/);
  t.equal(
    await run("XADD", "s", "99999999999999-18446744073709551615", "f", "v"),
    "99999999999999-18446744073709551615",
  );
  await error(TOO_SMALL, "XADD", "s", "99999999999999-*", "f", "v");
  t.equal(await run("XADD", "s", "*", "f", "v"), "100000000000000-0", "the clock is behind: the last ID goes on");
  await run("XADD", "s", "18446744073709551615-18446744073709551615", "f", "v");
  await error(
    "ERR The stream has exhausted the last possible ID, unable to add more items",
    "XADD",
    "s",
    "*",
    "f",
    "v",
  );
  t.equal(await run("EXISTS", "fresh"), 0);
});

t.test("arguments", async (t) => {
  const { run } = await startClient(t);
  const arity = new RespError("ERR wrong number of arguments for 'xadd' command");
  t.same(await run("XADD", "s", "*", "f"), arity);
  t.same(await run("XADD", "s", "*", "f", "v", "g"), arity);
  t.same(await run("XADD", "s", "MAXLEN", "5", "*"), arity);
  t.equal(await run("XADD", "s", "NOMKSTREAM", "*", "f", "v"), null);
  t.same(
    await run("XADD", "s", "MAXLEN", "1", "MINID", "1", "*", "f", "v"),
    new RespError("ERR syntax error, MAXLEN and MINID options at the same time are not compatible"),
  );
  t.same(
    await run("XADD", "s", "LIMIT", "1", "*", "f", "v"),
    new RespError("ERR syntax error, LIMIT cannot be used without specifying a trimming strategy"),
  );
  t.same(
    await run("XADD", "s", "MAXLEN", "=", "1", "LIMIT", "1", "*", "f", "v"),
    new RespError("ERR syntax error, LIMIT cannot be used without the special ~ option"),
  );
  t.same(await run("XADD", "s", "MAXLEN", "-1", "*", "f", "v"), new RespError("ERR The MAXLEN argument must be >= 0."));
  await run("SET", "string", "x");
  t.match((await run("XADD", "string", "*", "f", "v")) as RespError, /WRONGTYPE/);
});

t.test("nodes, large entries and trimming", async (t) => {
  const { run } = await startClient(t, { store: "lmdb" });
  for (let i = 1; i <= 250; i++) await run("XADD", "s", `${i}-0`, "f", `value ${i}`);
  t.same(((await run("XINFO", "STREAM", "s")) as unknown[]).slice(0, 4), ["length", 250, "radix-tree-keys", 3]);
  const large = "x".repeat(100_000);
  await run("XADD", "s", "300-0", "f", large, "g", "");
  await run("XADD", "s", "300-1", "f", "small");
  t.same(await run("XRANGE", "s", "300", "300"), [
    ["300-0", ["f", large, "g", ""]],
    ["300-1", ["f", "small"]],
  ]);
  t.equal(await run("XADD", "s", "MAXLEN", "~", "200", "301-0", "f", "v"), "301-0");
  t.equal(await run("XLEN", "s"), 253, "no whole node is beyond the length");
  await run("XADD", "s", "MAXLEN", "~", "150", "302-0", "f", "v");
  t.equal(await run("XLEN", "s"), 154);
  await run("XADD", "s", "MAXLEN", "2", "303-0", "f", "v");
  t.same(await run("XRANGE", "s", "-", "+"), [
    ["302-0", ["f", "v"]],
    ["303-0", ["f", "v"]],
  ]);
});

t.test("an expired stream is begun anew", async (t) => {
  const { run } = await startClient(t);
  await run("XADD", "s", "5-0", "f", "v");
  await run("PEXPIRE", "s", "1");
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.equal(await run("XADD", "s", "1-0", "f", "v"), "1-0");
  t.equal(await run("TTL", "s"), -1);
});
