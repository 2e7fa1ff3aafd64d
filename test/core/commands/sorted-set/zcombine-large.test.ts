/**
 * Operations on large sets and sorted sets against a model: inputs walked side by side or asked (by their sizes), long
 * members, large and small inputs mixed, one input twice, due members, results that become large.
 */
import t, { type Test } from "tap";
import { startZsets, type ZsetClient } from "../../../support/zset-client.ts";

type Model = Map<string, number>;
type Arguments = readonly (string | number)[];

/** Members that several inputs share; every ninth is too long for a row's key. */
function member(i: number): string {
  return i % 9 === 0 ? `${"long".repeat(500)}:${i}` : `m:${i}`;
}

interface Input {
  readonly key: string;
  readonly model: Model;
}

async function zset(client: ZsetClient, key: string, from: number, to: number, step: number): Promise<Input> {
  const model: Model = new Map();
  for (let i = from; i < to; i += step) model.set(member(i), ((i * 37) % 50) - 10);
  const args = [...model].flatMap(([name, score]) => [score, name]);
  for (let at = 0; at < args.length; at += 200) await client.run("ZADD", key, ...args.slice(at, at + 200));
  return { key, model };
}

async function set(client: ZsetClient, key: string, from: number, to: number): Promise<Input> {
  const model: Model = new Map();
  for (let i = from; i < to; i++) model.set(member(i), 1);
  for (let at = from; at < to; at += 200) {
    await client.run("SADD", key, ...[...model.keys()].slice(at - from, at - from + 200));
  }
  return { key, model };
}

function ordered(model: Model): string[] {
  const bytes = (text: string): Buffer => Buffer.from(text, "latin1");
  return [...model]
    .sort(([a, x], [b, y]) => x - y || bytes(a).compare(bytes(b)))
    .flatMap(([name, score]) => [name, String(score)]);
}

/** Scores are whole numbers, so the order of the sums does not matter. */
function combine(kind: "union" | "inter" | "diff", inputs: readonly Input[], weights: readonly number[]): Model {
  const result: Model = new Map();
  const [first, ...others] = inputs as [Input, ...Input[]];
  const names = new Set(kind === "union" ? inputs.flatMap(({ model }) => [...model.keys()]) : first.model.keys());
  for (const name of names) {
    const holders = inputs.filter(({ model }) => model.has(name)).length;
    if (kind === "inter" && holders < inputs.length) continue;
    if (kind === "diff" && others.some(({ model }) => model.has(name))) continue;
    const scores = inputs.map(({ model }, i) => (model.get(name) ?? 0) * (kind === "diff" ? 1 : (weights[i] ?? 1)));
    result.set(name, kind === "diff" ? (first.model.get(name) ?? 0) : scores.reduce((sum, score) => sum + score, 0));
  }
  return result;
}

async function checkAll(t: Test, client: ZsetClient, inputs: readonly Input[], title: string): Promise<void> {
  const { run } = client;
  const keys = inputs.map(({ key }) => key);
  const weights = inputs.map((_, i) => i + 2);
  for (const kind of ["union", "inter", "diff"] as const) {
    const model = combine(kind, inputs, weights);
    const options: Arguments = kind === "diff" ? [] : ["WEIGHTS", ...weights];
    const command = `Z${kind.toUpperCase()}`;
    t.same(await run(command, keys.length, ...keys, ...options, "WITHSCORES"), ordered(model), `${command} ${title}`);
    t.equal(
      await run(`${command}STORE`, "to", keys.length, ...keys, ...options),
      model.size,
      `${command}STORE ${title}`,
    );
    t.same(await run("ZRANGE", "to", 0, -1, "WITHSCORES"), ordered(model), `what ${command}STORE stored ${title}`);
    for (const [name, score] of [...model].slice(0, 20)) {
      if ((await run("ZSCORE", "to", name)) !== String(score)) t.fail(`ZSCORE of ${name.slice(0, 20)}`);
    }
  }
  const common = combine("inter", inputs, weights).size;
  t.equal(await run("ZINTERCARD", keys.length, ...keys), common, `ZINTERCARD ${title}`);
  t.equal(await run("ZINTERCARD", keys.length, ...keys, "LIMIT", 5), Math.min(5, common), `ZINTERCARD LIMIT ${title}`);
}

async function checkSets(t: Test, client: ZsetClient, inputs: readonly Input[], title: string): Promise<void> {
  const { run } = client;
  const keys = inputs.map(({ key }) => key);
  for (const kind of ["union", "inter", "diff"] as const) {
    const expected = [...combine(kind, inputs, []).keys()].sort();
    const command = `S${kind.toUpperCase()}`;
    t.same([...((await run(command, ...keys)) as string[])].sort(), expected, `${command} ${title}`);
    t.equal(await run(`${command}STORE`, "to", ...keys), expected.length, `${command}STORE ${title}`);
    t.same([...((await run("SMEMBERS", "to")) as string[])].sort(), expected, `what ${command}STORE stored ${title}`);
  }
  const common = combine("inter", inputs, []).size;
  t.equal(await run("SINTERCARD", keys.length, ...keys), common, `SINTERCARD ${title}`);
  t.equal(await run("SINTERCARD", keys.length, ...keys, "LIMIT", 5), Math.min(5, common), `SINTERCARD LIMIT ${title}`);
}

t.test("operations on large sorted sets and sets", async (t) => {
  const client = await startZsets(t);
  const a = await zset(client, "a", 0, 700, 1);
  const b = await zset(client, "b", 350, 1050, 1);
  const c = await zset(client, "c", 0, 1000, 3);
  const few = await zset(client, "few", 340, 360, 1);
  const s = await set(client, "s", 300, 900);
  const u = await set(client, "u", 0, 500);
  const little = await set(client, "little", 490, 500);
  await checkAll(t, client, [a, b], "of two large ones");
  await checkAll(t, client, [a, b, c], "of three");
  await checkAll(t, client, [few, a], "of a small and a large one");
  await checkAll(t, client, [a, few], "of a large and a small one");
  await checkAll(t, client, [a, s], "of a sorted set and a set");
  await checkAll(t, client, [little, a, s], "of a small set and large ones");
  await checkAll(t, client, [a, a], "of one twice");
  await checkAll(t, client, [a], "of one");
  await checkSets(t, client, [s, u], "of two large ones");
  await checkSets(t, client, [s, u, little], "of large ones and a small one");
  await checkSets(t, client, [little, s], "of a small and a large one");
  await checkSets(t, client, [s, s], "of one twice");
  await client.run("DEL", "to");
  t.same(client.problems(), []);
});

t.test("the destination is an input", async (t) => {
  const client = await startZsets(t);
  const a = await zset(client, "a", 0, 400, 1);
  const b = await zset(client, "b", 200, 600, 1);
  const model = combine("union", [a, b], [1, 1]);
  t.equal(await client.run("ZUNIONSTORE", "a", 2, "a", "b"), model.size);
  t.same(await client.run("ZRANGE", "a", 0, -1, "WITHSCORES"), ordered(model));
  t.same(client.problems(), []);
});

t.test("members that are due are in no result", async (t) => {
  const client = await startZsets(t);
  const a = await zset(client, "a", 0, 400, 1);
  const s = await set(client, "s", 100, 500);
  for (let i = 150; i < 160; i++) {
    await client.run("PEXPIREMEMBERAT", "a", member(i), Date.now() + 30);
    await client.run("PEXPIREMEMBERAT", "s", member(i + 5), Date.now() + 30);
    a.model.delete(member(i));
    s.model.delete(member(i + 5));
  }
  await new Promise((resolve) => setTimeout(resolve, 60));
  await checkAll(t, client, [a, s], "with due members");
  await client.run("DEL", "to");
  t.same(client.problems(), []);
});
