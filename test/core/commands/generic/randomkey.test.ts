import t from "tap";
import { RespError, startClient } from "../../../support/run.ts";

t.test("RANDOMKEY", async (t) => {
  const { run } = await startClient(t, { activeExpire: false });
  t.equal(await run("RANDOMKEY"), null);
  await run("SET", "due", "1", "PX", 1);
  await new Promise((resolve) => setTimeout(resolve, 10));
  t.equal(await run("RANDOMKEY"), null, "a due key is never chosen");
  await run("SET", "", "1");
  t.equal(await run("RANDOMKEY"), "");
  t.same(await run("RANDOMKEY", "x"), new RespError("ERR wrong number of arguments for 'randomkey' command"));
});

t.test("every key has about the same chance", async (t) => {
  const { run } = await startClient(t);
  const keys = 100;
  const tries = 20_000;
  for (let i = 0; i < keys; i++) await run("SET", `key:${i}`, i);
  const counts = new Map<string, number>();
  for (let i = 0; i < tries; i += 500) {
    const found = await Promise.all(Array.from({ length: 500 }, () => run("RANDOMKEY")));
    for (const key of found) counts.set(String(key), (counts.get(String(key)) ?? 0) + 1);
  }
  t.equal(counts.size, keys);
  const shares = [...counts.values()].map((count) => (count * keys) / tries);
  t.ok(Math.min(...shares) > 0.3, `rarest ${Math.min(...shares)} of its share`);
  t.ok(Math.max(...shares) < 2, `most frequent ${Math.max(...shares)} of its share`);
});
