import t from "tap";
import { RespError, startClient } from "../../../support/run.ts";

t.test("MEMORY USAGE", async (t) => {
  const { run } = await startClient(t);
  await run("SET", "a", "x".repeat(100));
  const small = (await run("MEMORY", "USAGE", "a")) as number;
  t.ok(small > 100 && small < 200);
  await run("EXPIRE", "a", "100");
  t.ok(((await run("MEMORY", "USAGE", "a")) as number) > small, "the expiry takes a row");
  const size = 1_000_000;
  await run("SET", "big", "x".repeat(size));
  const estimate = (await run("MEMORY", "USAGE", "big")) as number;
  const exact = (await run("MEMORY", "USAGE", "big", "SAMPLES", "0")) as number;
  t.ok(exact > size && exact < size * 1.01);
  t.ok(Math.abs(estimate - exact) < exact * 0.02);
  await run("SET", "l".repeat(5000), "v");
  t.ok(((await run("MEMORY", "USAGE", "l".repeat(5000))) as number) > 5000);
  t.equal(await run("MEMORY", "USAGE", "nokey"), null);
  t.same(await run("MEMORY", "USAGE", "a", "SAMPLES"), new RespError("ERR syntax error"));
  t.same(await run("MEMORY", "USAGE", "a", "SAMPLES", "-1"), new RespError("ERR syntax error"));
  t.same(await run("MEMORY", "USAGE", "a", "FOO", "1"), new RespError("ERR syntax error"));
  t.same(
    await run("MEMORY", "USAGE", "a", "SAMPLES", "x"),
    new RespError("ERR value is not an integer or out of range"),
  );
});

t.test("MEMORY STATS, DOCTOR, PURGE, MALLOC-STATS", async (t) => {
  const { run } = await startClient(t);
  await run("HELLO", "3");
  await run("SET", "a", "1");
  const stats = (await run("MEMORY", "STATS")) as Map<string, unknown>;
  t.equal(stats.get("keys.count"), 1);
  t.ok((stats.get("total.allocated") as number) > 0);
  t.ok(stats.get("db.0") instanceof Map);
  t.ok("double" in (stats.get("peak.percentage") as object));
  t.match(await run("MEMORY", "DOCTOR"), { text: /hardly any data/ });
  t.equal(await run("MEMORY", "PURGE"), "OK");
  t.match(await run("MEMORY", "MALLOC-STATS"), { text: /heap used/ });
  t.equal(((await run("MEMORY", "HELP")) as string[]).at(-2), "HELP");
});
