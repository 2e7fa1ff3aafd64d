/** The keyspace seen through several workers at once: what one does, the others see at once. */
import t, { type Test } from "tap";
import type { RespClient } from "../support/resp-client.ts";
import { connectEach, startServer } from "../support/server.ts";
import { waitUntil } from "../support/wait-until.ts";

// Starts of servers take long on a loaded machine.
t.setTimeout(180_000);

const server = await startServer({ processes: 2, t });

/** One connection to each of the two workers, and nothing in the databases. */
async function twoWorkers(t: Test): Promise<[RespClient, RespClient]> {
  const [a, b] = await connectEach(server, 2);
  if (a === undefined || b === undefined) throw new Error("two clients are needed");
  t.teardown(() => {
    a.destroy();
    b.destroy();
  });
  await a.ok("FLUSHALL");
  return [a, b];
}

t.test("a SCAN goes on in any process, while keys come and go through the other", async (t) => {
  const [a, b] = await twoWorkers(t);
  for (let i = 0; i < 300; i++) await a.ok("SET", `stable:${i}`, i);
  for (let round = 0; round < 3; round++) {
    const seen = new Map<string, number>();
    let cursor = "0";
    let turn = 0;
    do {
      const scanner = turn % 2 === 0 ? a : b;
      const writer = turn % 2 === 0 ? b : a;
      const [next, keys] = (await scanner.ok("SCAN", cursor, "COUNT", 10)) as [string, string[]];
      for (const key of keys) seen.set(key, (seen.get(key) ?? 0) + 1);
      cursor = next;
      turn++;
      await writer.ok("MSET", ...Array.from({ length: 10 }, (_, i) => [`new:${turn}:${i}`, "v"]).flat());
      if (turn > 2) await writer.ok("DEL", ...Array.from({ length: 10 }, (_, i) => `new:${turn - 2}:${i}`));
    } while (cursor !== "0");
    const wrong = Array.from({ length: 300 }, (_, i) => `stable:${i}`).filter((key) => seen.get(key) !== 1);
    t.same(wrong, []);
  }
});

t.test("FLUSHALL, SWAPDB, RENAME and expiry show at once", async (t) => {
  const [a, b] = await twoWorkers(t);
  for (let i = 0; i < 200; i++) {
    await a.ok("SET", "k", i);
    await b.ok("RENAME", "k", "l");
    if ((await a.ok("GET", "l")) !== String(i)) t.fail(`rename ${i} is not seen`);
    await a.ok("SWAPDB", 0, 1);
    if ((await b.ok("EXISTS", "l")) !== 0) t.fail(`swap ${i} is not seen`);
    await b.ok("SWAPDB", 0, 1);
    if ((await a.ok("EXISTS", "l")) !== 1) t.fail(`swap back ${i} is not seen`);
    await b.ok("FLUSHALL");
    if ((await a.ok("DBSIZE")) !== 0) t.fail(`flush ${i} is not seen`);
  }
  await a.ok("SET", "k", "v", "PX", 20);
  await waitUntil("the key is gone from the store", async () => (await b.ok("DBSIZE")) === 0);
  await a.ok("DEBUG", "SET-ACTIVE-EXPIRE", 0);
  await b.ok("SET", "k", "v", "PX", 1);
  await waitUntil("the key is due", async () => (await a.ok("EXISTS", "k")) === 0);
  await waitUntil("the read had it removed", async () => (await b.ok("DBSIZE")) === 0);
  t.equal(await b.ok("DEBUG", "SET-ACTIVE-EXPIRE", 1), "OK");
});

t.test("the time of the last use is one for all", async (t) => {
  const [a, b] = await twoWorkers(t);
  await a.ok("SET", "k", "v");
  await waitUntil("a second has passed", async () => Number(await b.ok("OBJECT", "IDLETIME", "k")) >= 1);
  t.equal(await b.ok("TOUCH", "k"), 1);
  t.equal(await a.ok("OBJECT", "IDLETIME", "k"), 0);
});

t.test("KEYS on many keys does not hold up the other process", async (t) => {
  const [a, b] = await twoWorkers(t);
  await a.ok("DEBUG", "POPULATE", 100_000);
  let done = false;
  const keys = a.ok("KEYS", "*").then((found) => {
    done = true;
    return found as string[];
  });
  let served = 0;
  while (!done) {
    await b.ok("SET", "other", served);
    served++;
  }
  t.ok((await keys).length >= 100_000);
  t.ok(served > 5, `${served} writes were served meanwhile`);
});
