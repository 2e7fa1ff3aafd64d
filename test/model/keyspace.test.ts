/**
 * Random commands on the keyspace against a plain model: contents, counts and expiries must agree, and the checker must
 * find the store whole, while keys come, go, move, are flushed and swapped. The seed is printed; SEED=n repeats a run.
 */
import t from "tap";
import { checkKeyspace } from "../../packages/core/src/keyspace/check.ts";
import { type Reply, RespError, startClient } from "../support/run.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { STORE_KINDS } from "../support/test-keyspace.ts";
import { waitUntil } from "../support/wait-until.ts";

interface Value {
  readonly text: string;
  /** Unix ms, -1 without. */
  readonly at: number;
}

const DATABASES = 3;
const FAR = 4_000_000_000_000;
const NAMES = ["", "a", "b", "c\0d", "\xff", "e".repeat(60), "f".repeat(1900), "g".repeat(1901), "h".repeat(40_000)];

class Model {
  readonly databases: Array<Map<string, Value>> = Array.from({ length: DATABASES }, () => new Map());
  db = 0;

  /** Carries out a command and returns the reply it should have. */
  run(name: string, args: readonly (string | number)[]): Reply {
    const here = this.databases[this.db] as Map<string, Value>;
    const key = String(args[0]);
    const value = here.get(key);
    switch (name) {
      case "SET":
        here.set(key, { text: String(args[1]), at: -1 });
        return "OK";
      case "GET":
        return value?.text ?? null;
      case "APPEND":
        here.set(key, { text: (value?.text ?? "") + args[1], at: value?.at ?? -1 });
        return (value?.text.length ?? 0) + String(args[1]).length;
      case "PEXPIREAT":
        if (value === undefined) return 0;
        if (Number(args[1]) < 1000) here.delete(key);
        else here.set(key, { text: value.text, at: Number(args[1]) });
        return 1;
      case "PEXPIRETIME":
        return value === undefined ? -2 : value.at;
      case "PERSIST":
        if (value === undefined || value.at < 0) return 0;
        here.set(key, { text: value.text, at: -1 });
        return 1;
      case "DEL":
        return args.filter((one) => here.delete(String(one))).length;
      case "RENAME":
      case "RENAMENX":
        return this.rename(here, key, String(args[1]), name === "RENAMENX");
      case "COPY":
      case "MOVE":
        return this.copy(name, key, args);
      case "FLUSHDB":
        here.clear();
        return "OK";
      case "SWAPDB": {
        const [a, b] = [Number(args[0]), Number(args[1])];
        const swapped = this.databases[a] as Map<string, Value>;
        this.databases[a] = this.databases[b] as Map<string, Value>;
        this.databases[b] = swapped;
        return "OK";
      }
      case "SELECT":
        this.db = Number(args[0]);
        return "OK";
      default:
        return here.size; // DBSIZE
    }
  }

  private rename(here: Map<string, Value>, from: string, to: string, onlyIfNew: boolean): Reply {
    const value = here.get(from);
    if (value === undefined) return new RespError("ERR no such key");
    if (onlyIfNew && here.has(to)) return 0;
    here.delete(from);
    here.set(to, value);
    return onlyIfNew ? 1 : "OK";
  }

  private copy(name: string, key: string, args: readonly (string | number)[]): Reply {
    const db = Number(name === "COPY" ? args[3] : args[1]);
    const to = String(name === "COPY" ? args[1] : key);
    const here = this.databases[this.db] as Map<string, Value>;
    const there = this.databases[db] as Map<string, Value>;
    if (db === this.db && to === key) return new RespError("ERR source and destination objects are the same");
    const value = here.get(key);
    if (value === undefined || (there.has(to) && args[4] !== "REPLACE")) return 0;
    there.set(to, value);
    if (name === "MOVE") here.delete(key);
    return 1;
  }
}

function randomCommand(random: SeededRandom): [name: string, ...args: Array<string | number>] {
  const key = random.pick(NAMES);
  const other = random.pick(NAMES);
  const text = "v".repeat(random.pick([0, 1, 30, 3000, 15_990, 16_001, 40_000]));
  const name = random.pick(
    "SET SET SET GET APPEND PEXPIREAT PEXPIREAT PEXPIRETIME PERSIST DEL RENAME RENAMENX COPY COPY MOVE DBSIZE SELECT RARE".split(
      " ",
    ),
  );
  const db = random.between(0, DATABASES - 1);
  switch (name) {
    case "SET":
    case "APPEND":
      return [name, key, text];
    case "PEXPIREAT":
      return [name, key, random.chance(0.1) ? 1 : FAR + random.between(0, 5)];
    case "DEL":
      return random.chance(0.5) ? [name, key] : [name, key, other, key];
    case "RENAME":
    case "RENAMENX":
      return [name, key, other];
    case "COPY":
      return random.chance(0.5) ? [name, key, other, "DB", db, "REPLACE"] : [name, key, other, "DB", db];
    case "MOVE":
      return [name, key, db];
    case "DBSIZE":
      return [name];
    case "SELECT":
      return [name, db];
    case "RARE":
      return random.chance(0.5) ? ["FLUSHDB"] : ["SWAPDB", db, random.between(0, DATABASES - 1)];
    default:
      return [name, key];
  }
}

for (const kind of STORE_KINDS) {
  t.test(`random commands (${kind})`, async (t) => {
    const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32));
    t.comment(`SEED=${seed}`);
    const random = new SeededRandom(seed);
    const { run, worker } = await startClient(t, { store: kind });
    const { keyspace } = worker.server;
    const check = (): ReturnType<typeof checkKeyspace> => {
      keyspace.renewSnapshot();
      const report = checkKeyspace(keyspace);
      keyspace.store.releaseSnapshot();
      return report;
    };
    const model = new Model();
    for (let i = 0; i < 4000; i++) {
      const [name, ...args] = randomCommand(random);
      const bytes = args.map((arg) => Buffer.from(String(arg), "latin1"));
      const got = await run(name, ...bytes);
      const wanted = model.run(name, args);
      const same = wanted instanceof RespError ? String(got) === String(wanted) : got === wanted;
      if (!same) {
        t.same(got, wanted, `command ${i}: ${name} ${args.map((arg) => String(arg).slice(0, 20)).join(" ")}`);
        return;
      }
      if (i % 400 === 0) t.same(check().problems, []);
    }
    for (let db = 0; db < DATABASES; db++) {
      await run("SELECT", db);
      const keys = ((await run("KEYS", "*")) as string[]).sort();
      t.same(keys, [...(model.databases[db] as Map<string, Value>).keys()].sort());
    }
    await run("FLUSHALL");
    await waitUntil("everything is reclaimed", () => check().trash === 0);
    const report = check();
    t.same([report.problems, report.keys, report.expires, report.elements], [[], 0, 0, 0]);
  });
}
