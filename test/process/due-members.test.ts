/**
 * Members that are due do not exist, however many they are, and whoever meets them does not hold the write lock until
 * the last of them is deleted: commands begin anew after each step, and other processes write in between.
 */
import t from "tap";
import type { RespClient } from "../support/resp-client.ts";
import { connectEach, startServer } from "../support/server.ts";
import { stallDuring } from "../support/stall-probe.ts";

t.setTimeout(240_000);

const MEMBERS = 3000;
/** Members that are not due. */
const LEFT = 7;
/** Write txns that it takes at least: a step deletes 64. */
const TXNS_MIN = MEMBERS / 100;
const BATCH = 500;

function member(i: number): string {
  return `m:${i}`;
}

/** Makes the key a set or sorted set of which all but LEFT members are due now. */
async function fill(client: RespClient, key: string, type: "set" | "zset", withinMs = 1000): Promise<void> {
  await client.ok("DEL", key);
  for (let from = 0; from < MEMBERS + LEFT; from += BATCH) {
    const members = Array.from({ length: Math.min(BATCH, MEMBERS + LEFT - from) }, (_, i) => from + i);
    if (type === "zset") await client.ok("ZADD", key, ...members.flatMap((i) => [i, member(i)]));
    else await client.ok("SADD", key, ...members.map(member));
  }
  const deadline = Date.now() + withinMs;
  const calls = Array.from({ length: MEMBERS }, (_, i) => ["PEXPIREMEMBERAT", key, member(i), deadline]);
  for (let from = 0; from < MEMBERS; from += BATCH) await client.pipeline(calls.slice(from, from + BATCH));
  // What was due before the last call would be deleted by it.
  if (Date.now() >= deadline) return fill(client, key, type, withinMs * 2);
  await new Promise((resolve) => setTimeout(resolve, deadline - Date.now() + 20));
}

async function writeTxns(client: RespClient): Promise<number> {
  return Number(/write_txns:(\d+)/.exec(String(await client.ok("INFO", "keydb")))?.[1]);
}

interface Case {
  readonly name: string;
  readonly type: "set" | "zset";
  readonly command: (key: string) => string[];
  readonly reply: unknown;
}

const CASES: readonly Case[] = [
  { name: "ZCARD", type: "zset", command: (key) => ["ZCARD", key], reply: LEFT },
  { name: "ZRANK", type: "zset", command: (key) => ["ZRANK", key, member(MEMBERS + 2)], reply: 2 },
  { name: "ZRANGE", type: "zset", command: (key) => ["ZRANGE", key, "0", "0"], reply: [member(MEMBERS)] },
  { name: "ZADD", type: "zset", command: (key) => ["ZADD", key, "CH", "1", "new", "2", member(5)], reply: 2 },
  { name: "ZINCRBY", type: "zset", command: (key) => ["ZINCRBY", key, "2.5", member(5)], reply: "2.5" },
  { name: "ZPOPMIN", type: "zset", command: (key) => ["ZPOPMIN", key], reply: [member(MEMBERS), String(MEMBERS)] },
  { name: "ZRANGESTORE", type: "zset", command: (key) => ["ZRANGESTORE", `{${key}}to`, key, "0", "-1"], reply: LEFT },
  { name: "EXISTS", type: "set", command: (key) => ["EXISTS", key, key], reply: 2 },
  { name: "RENAME", type: "set", command: (key) => ["RENAME", key, `{${key}}to`], reply: "OK" },
];

t.test("commands that meet thousands of due members", async (t) => {
  const server = await startServer({
    t,
    processes: 2,
    args: ["--enable-debug-command", "yes"],
    startTimeoutMs: 60_000,
  });
  const [client, probe] = (await connectEach(server, 2)) as [RespClient, RespClient];
  // The active cycle would be first.
  await client.ok("DEBUG", "SET-ACTIVE-EXPIRE", "0");
  for (const { name, type, command, reply } of CASES) {
    const key = `key:${name}`;
    await fill(client, key, type);
    const before = await writeTxns(client);
    let answer: unknown = null;
    const { sets } = await stallDuring(probe, async () => {
      answer = await client.call(...command(key));
    });
    t.same(answer, reply, `${name} answers as if they were gone`);
    const txns = (await writeTxns(client)) - before - sets;
    t.ok(txns >= TXNS_MIN, `${name} took ${txns} txns, with ${sets} writes of another process in between`);
  }
  t.equal(await client.ok("SCARD", "{key:RENAME}to"), LEFT);

  t.test("a transaction is one txn all the same", async (t) => {
    await fill(client, "key:exec", "zset");
    await client.ok("MULTI");
    await client.ok("INCR", "key:exec:count");
    await client.ok("ZCARD", "key:exec");
    await client.ok("ZREVRANK", "key:exec", member(MEMBERS));
    t.same(await client.ok("EXEC"), [1, LEFT, LEFT - 1]);
  });

  t.test("a pipeline goes on behind it, in order", async (t) => {
    await fill(client, "key:pipeline", "zset");
    const replies = await client.pipeline([
      ["INCR", "key:count"],
      ["ZCARD", "key:pipeline"],
      ["INCR", "key:count"],
      ["ZCOUNT", "key:pipeline", "-inf", "+inf"],
      ["GET", "key:count"],
    ]);
    t.same(replies, [1, LEFT, 2, LEFT, "2"]);
  });

  t.test("a client that waits is served with what is left", async (t) => {
    await fill(client, "key:blocked", "zset");
    await client.ok("ZREM", "key:blocked", ...Array.from({ length: LEFT }, (_, i) => member(MEMBERS + i)));
    const waiting = probe.call("BZPOPMIN", "key:blocked", "30");
    await client.ok("ZADD", "key:blocked", "9", "nine");
    t.same(await waiting, ["key:blocked", "nine", "9"]);
  });
});
