// Whatever is done to a server, the effects that it tells make the same keyspace of an empty one, at another time.
import t from "tap";
import { commandSource } from "../conformance/random/commands.ts";
import { RoundRandom } from "../conformance/random/words.ts";
import { CollectingOpLog, lineOf, type ToldUnit } from "../support/op-log.ts";
import { type Reply, RespError, startWorker, type TestClient, type TestWorker } from "../support/run.ts";
import { JOBS, randomCommands } from "./effect-commands.ts";

const ROUNDS = Number(process.env.ROUNDS ?? 12);
const COMMANDS = Number(process.env.COMMANDS ?? 1500);
const FIRST_SEED = Number(process.env.SEED ?? 1);
const DATABASES = Array.from({ length: 16 }, (_, db) => db);
const HOUR_MS = 3_600_000;

/** The clock of everything in this process: `ms` away from the real one, or standing still. */
const realNow = Date.now;
function setClock(ms: number): void {
  Date.now = () => realNow() + ms;
}
function stopClock(atMs: number): void {
  Date.now = () => atMs;
}
t.setTimeout(ROUNDS * 20_000);
t.teardown(() => {
  Date.now = realNow;
});

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Clients of which some may wait at a time. */
class Crowd {
  private readonly clients: TestClient[];
  private readonly waiting: Set<TestClient> = new Set();

  constructor(worker: TestWorker, count: number) {
    this.clients = Array.from({ length: count }, () => worker.connect());
  }

  async run(r: RoundRandom, commands: readonly (readonly string[])[]): Promise<void> {
    const free = this.clients.filter((client) => !this.waiting.has(client));
    if (free.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return;
    }
    const client = r.pick(free);
    for (const words of commands) {
      this.waiting.add(client);
      const reply = client.run(...words.map((word) => Buffer.from(word, "latin1")));
      void reply.then(() => this.waiting.delete(client));
      await turns(3);
      if (this.waiting.has(client)) return;
    }
  }

  /** All have their replies, and no transaction is open. */
  async settle(): Promise<void> {
    while (this.waiting.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    for (const client of this.clients) await client.run("DISCARD");
  }
}

/** What can be seen of the keyspace, times of the clock left out of groups. */
async function stateOf(client: TestClient): Promise<string[]> {
  const lines: string[] = [];
  for (const db of DATABASES) {
    await client.run("SELECT", db);
    const keys = ((await client.run("KEYS", "*")) as string[]).sort();
    for (const key of keys) {
      const name = Buffer.from(key, "latin1");
      const digest = await client.run("DEBUG", "DIGEST-VALUE", name);
      const type = await client.run("TYPE", name);
      const line = [db, JSON.stringify(key.slice(0, 40)), type, await client.run("PEXPIRETIME", name), digest];
      if (type === "stream") line.push(JSON.stringify(withoutTimes(await client.run("XINFO", "STREAM", name, "FULL"))));
      if (type === "hash") line.push(JSON.stringify(await fieldTimes(client, name)));
      lines.push(line.join(" "));
    }
  }
  return lines;
}

/** XINFO STREAM FULL without what tells how entries lie in nodes, nor when consumers and entries were seen. */
function withoutTimes(value: Reply): unknown {
  if (!Array.isArray(value)) return value;
  const kept: unknown[] = [];
  for (let i = 0; i < value.length; i++) {
    const item = value[i] ?? null;
    if (["seen-time", "active-time", "radix-tree-keys", "radix-tree-nodes"].includes(String(item))) i++;
    else kept.push(typeof item === "number" && item > 1e12 ? "TIME" : withoutTimes(item));
  }
  return kept;
}

async function fieldTimes(client: TestClient, name: Buffer): Promise<unknown> {
  const fields = ((await client.run("HKEYS", name)) as string[]).sort().map((field) => Buffer.from(field, "latin1"));
  return client.run("HPEXPIRETIME", name, "FIELDS", fields.length, ...fields);
}

async function replay(worker: TestWorker, units: readonly ToldUnit[]): Promise<string[]> {
  const client = worker.connect();
  const errors: string[] = [];
  let db = 0;
  for (const { effects } of units) {
    if (effects.length > 1) await client.run("MULTI");
    for (const effect of effects) {
      if (effect.db !== db) await client.run("SELECT", effect.db);
      db = effect.db;
      const reply = await client.run(...effect.args);
      if (reply instanceof RespError) errors.push(`${reply.message}: ${lineOf(effect)}`);
    }
    const replies = effects.length > 1 ? await client.run("EXEC") : [];
    if (!Array.isArray(replies)) errors.push(`EXEC failed: ${effects.map(lineOf).join(" | ")}`);
    else if (replies.some((reply) => reply instanceof RespError)) {
      errors.push(`in EXEC: ${replies.join(" ")}: ${effects.map(lineOf).join(" | ")}`);
    }
  }
  client.close();
  return errors;
}

for (let round = 0; round < ROUNDS; round++) {
  const seed = FIRST_SEED + round;
  t.test(`seed ${seed}`, async (t) => {
    const r = new RoundRandom(seed);
    const first = await startWorker(t, { store: round % 4 === 3 ? "lmdb" : "memory" });
    const log = new CollectingOpLog();
    first.server.tellEffects(log);
    const crowd = new Crowd(first, 3);
    const known = commandSource([], false);
    let clock = 0;
    for (let i = 0; i < COMMANDS; i++) {
      r.tick = i;
      // Now and then some keys and members fall due.
      if (r.chance(0.05)) clock += r.between(1, 300);
      setClock(clock);
      await crowd.run(r, randomCommands(r, known));
    }
    await crowd.settle();
    const client = first.connect();
    for (const db of DATABASES) {
      await client.run("SELECT", db);
      await client.run("DEL", ...JOBS);
    }
    // Deletes what is due, of keys and members, and what would be due before it has been looked at.
    const now = Date.now();
    stopClock(now + 1000);
    await client.run("DEBUG", "RELOAD");
    stopClock(now);
    await turns(5);
    const wanted = await stateOf(client);
    const wantedDigest = await client.run("DEBUG", "DIGEST");
    const wantedLibraries = await client.run("FUNCTION", "DUMP");

    // Nothing is due here: what is gone was told.
    setClock(-HOUR_MS);
    const second = await startWorker(t, {});
    const errors = await replay(second, log.units);
    const other = second.connect();
    t.same(errors.slice(0, 5), [], "effects that could not be applied");
    const found = await stateOf(other);
    t.same(
      found.filter((line) => !wanted.includes(line)).slice(0, 5),
      wanted.filter((line) => !found.includes(line)).slice(0, 5),
    );
    t.equal(await other.run("DEBUG", "DIGEST"), wantedDigest, "DEBUG DIGEST");
    t.equal(await other.run("FUNCTION", "DUMP"), wantedLibraries);
    t.ok(wanted.length > 10, `${wanted.length} keys, ${log.units.length} units`);
    setClock(0);
  });
}
