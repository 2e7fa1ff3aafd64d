// The clients that people use: redis-cli and redis-benchmark (where installed), ioredis, node-redis.
import { spawnSync } from "node:child_process";
import { Redis } from "ioredis";
import { createClient } from "redis";
import t from "tap";
import { findProgram, startServer } from "../support/server.ts";

// Starts of servers take long on a loaded machine.
t.setTimeout(180_000);

t.test("redis-cli", { skip: findProgram("redis-cli") === null && "redis-cli is not installed" }, async (t) => {
  const server = await startServer({ t });
  const cli = (input: string, ...args: string[]): string =>
    spawnSync(findProgram("redis-cli") ?? "", ["-p", String(server.port), ...args], { input, encoding: "utf8" }).stdout;
  t.equal(cli("", "SET", "k", "v"), "OK\n");
  t.equal(cli("", "GET", "k"), "v\n");
  t.equal(cli("", "-3", "--no-raw", "GET", "missing"), "(nil)\n");
  t.equal(cli("MULTI\nINCR n\nINCR n\nEXEC\n", "--no-raw"), "OK\nQUEUED\nQUEUED\n1) (integer) 1\n2) (integer) 2\n");
  t.match(cli("", "INFO", "server"), /redis_version:7\.2/);
  t.match(cli("SET p1 a\r\nSET p2 b\r\n", "--pipe"), /errors: 0, replies: 2/);
  t.match(cli("", "--scan", "--pattern", "p*").split("\n").sort(), ["", "p1", "p2"]);
  t.match(cli("", "NOSUCH"), /unknown command 'NOSUCH'/);
});

t.test(
  "redis-benchmark",
  { skip: findProgram("redis-benchmark") === null && "redis-benchmark is not installed" },
  async (t) => {
    const server = await startServer({ t });
    const program = findProgram("redis-benchmark") ?? "";
    const run = spawnSync(
      program,
      ["-p", String(server.port), "-t", "ping,set,get,incr,mset", "-n", "2000", "-c", "20", "-P", "4", "--csv"],
      {
        encoding: "utf8",
        timeout: 60_000,
      },
    );
    t.equal(run.status, 0);
    const rates = run.stdout.split("\n").filter((line) => /^"(PING|SET|GET|INCR|MSET)/.test(line));
    t.equal(rates.length, 6);
  },
);

t.test("ioredis", async (t) => {
  const server = await startServer({ t });
  const redis = new Redis({ port: server.port, lazyConnect: true, maxRetriesPerRequest: 1 });
  t.teardown(() => redis.disconnect());
  await redis.connect();
  t.equal(await redis.set("k", "v", "EX", 100), "OK");
  t.equal(await redis.get("k"), "v");
  t.ok((await redis.ttl("k")) > 90);
  const binary = Buffer.from([0, 255, 13, 10]);
  await redis.set("binary", binary);
  t.same(await redis.getBuffer("binary"), binary);
  const many = redis.pipeline();
  for (let i = 0; i < 1000; i++) many.incr("n");
  t.same((await many.exec())?.at(-1), [null, 1000]);
  t.same(await redis.multi().set("a", "1").incr("a").exec(), [
    [null, "OK"],
    [null, 2],
  ]);
  await t.rejects(redis.call("NOSUCH"), /unknown command/);
  const names: string[] = [];
  for await (const batch of redis.scanStream({ match: "*", count: 100 })) names.push(...(batch as string[]));
  t.same(names.sort(), ["a", "binary", "k", "n"]);
});

t.test("node-redis", async (t) => {
  const server = await startServer({ t });
  for (const RESP of [2, 3] as const) {
    const client = createClient({ RESP, socket: { port: server.port, host: "127.0.0.1", reconnectStrategy: false } });
    client.on("error", () => undefined);
    await client.connect();
    await client.flushAll();
    t.equal(await client.set("k", "v", { expiration: { type: "EX", value: 100 } }), "OK");
    t.equal(await client.get("k"), "v");
    t.same(await client.mGet(["k", "missing"]), ["v", null]);
    t.equal(await client.incrByFloat("f", 1.5), "1.5");
    t.same(await client.multi().set("a", "1").incr("a").exec(), ["OK", 2]);
    await client.watch("a");
    await client.set("a", "9");
    await t.rejects(client.multi().get("a").exec(), /watch/i);
    t.same(await Promise.all(Array.from({ length: 500 }, () => client.incr("n"))).then((all) => all.at(-1)), 500);
    await t.rejects(client.sendCommand(["NOSUCH"]), /unknown command/);
    await client.close();
  }
});
