/**
 * Random commands on hashes with deadlines, against a model of plain Maps; small and large forms, crossed by
 * changing limits; the store's checker now and then. TEST_SEED repeats a run.
 */
import t from "tap";
import { startCollections } from "../../support/collection-client.ts";
import { SeededRandom } from "../../support/seeded-random.ts";

interface Field {
  value: string;
  /** Unix ms, or Infinity. */
  deadline: number;
}

const KEYS = ["k0", "k1", "k2"];
/** Far enough that no deadline comes during the run. */
const FAR = 4_000_000_000_000;

for (const store of ["memory", "lmdb"] as const) {
  t.test(`hashes on ${store}`, async (t) => {
    const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 1_000_000);
    t.comment(`seed ${seed}`);
    const random = new SeededRandom(seed);
    const { run, problems } = await startCollections(t, { store });
    const model = new Map<string, Map<string, Field>>();
    const fieldName = (): string => {
      const i = random.between(0, 30 - 1);
      return i < 28 ? `f${i}` : String(i % 10).repeat(1900 + i - 28);
    };
    for (let i = 0; i < 3000; i++) {
      const key = random.pick(KEYS);
      const hash = model.get(key) ?? new Map<string, Field>();
      const name = fieldName();
      const field = hash.get(name);
      switch (random.between(0, 10 - 1)) {
        case 0:
        case 1:
        case 2: {
          const value = "v".repeat([0, 5, 70, 17_000][random.between(0, 4 - 1)] as number) + i;
          t.equal(await run("HSET", key, name, value), field === undefined ? 1 : 0);
          hash.set(name, { value, deadline: Number.POSITIVE_INFINITY });
          model.set(key, hash);
          break;
        }
        case 3:
          t.equal(await run("HDEL", key, name), field === undefined ? 0 : 1);
          hash.delete(name);
          break;
        case 4:
        case 5: {
          const deadline = FAR + random.between(0, 50 - 1);
          t.same(await run("HPEXPIREAT", key, deadline, "FIELDS", 1, name), [field === undefined ? -2 : 1]);
          if (field !== undefined) field.deadline = deadline;
          break;
        }
        case 6: {
          const expected = field === undefined ? -2 : field.deadline === Number.POSITIVE_INFINITY ? -1 : 1;
          t.same(await run("HPERSIST", key, "FIELDS", 1, name), [expected]);
          if (field !== undefined) field.deadline = Number.POSITIVE_INFINITY;
          break;
        }
        case 7:
          t.equal(await run("HGET", key, name), field?.value ?? null);
          break;
        case 8: {
          const gone = [...hash].filter(([, { deadline }]) => deadline < FAR + 25);
          for (const [due] of gone.slice(0, 3)) {
            t.same(await run("HPEXPIREAT", key, 1, "FIELDS", 1, due), [2]);
            hash.delete(due);
          }
          break;
        }
        default:
          if (random.between(0, 4 - 1) === 0) {
            await run(
              "CONFIG",
              "SET",
              "hash-max-listpack-entries",
              random.between(0, 25 - 1),
              "hash-max-listpack-value",
              100,
            );
            if (random.between(0, 3 - 1) === 0) {
              await run("DEL", key);
              hash.clear();
            }
          }
      }
      if (hash.size === 0) model.delete(key);
      if (i % 500 === 499) t.same(problems(), []);
    }
    for (const key of KEYS) {
      const hash = model.get(key) ?? new Map<string, Field>();
      t.equal(await run("HLEN", key), hash.size);
      for (const [name, { value, deadline }] of hash) {
        t.equal(await run("HGET", key, name), value);
        const expected = deadline === Number.POSITIVE_INFINITY ? -1 : deadline;
        t.same(await run("HPEXPIRETIME", key, "FIELDS", 1, name), [expected]);
      }
    }
  });
}
