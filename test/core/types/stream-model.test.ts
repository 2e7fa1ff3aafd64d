/** Random stream commands against a model of the entries, with the checker over all rows, on both stores. */
import t from "tap";
import { TYPE_ID } from "../../../packages/core/src/codec/format.ts";
import { checkKeyspace } from "../../../packages/core/src/keyspace/check.ts";
import { checkStream } from "../../support/check-stream.ts";
import { startClient } from "../../support/run.ts";
import { SeededRandom } from "../../support/seeded-random.ts";

const COMMANDS = 3000;

for (const store of ["memory", "lmdb"] as const) {
  t.test(`random commands on the ${store} store`, async (t) => {
    const seed = Date.now() % 1_000_000;
    t.comment(`seed ${seed}`);
    const random = new SeededRandom(seed);
    const { worker, run } = await startClient(t, { store, config: { "stream-node-max-entries": 7 } });
    const entries = new Map<number, string>();
    let last = 0;
    const pick = () => `${random.between(1, last + 1)}-1`;
    for (const group of ["g", "h"]) await run("XGROUP", "CREATE", "s", group, "0", "MKSTREAM");
    for (let i = 0; i < COMMANDS; i++) {
      const group = random.pick(["g", "h"]);
      const consumer = random.pick(["a", "b", "c"]);
      const kind = random.between(0, 9);
      if (kind <= 3) {
        last += random.between(1, 3);
        const value = "v".repeat(random.chance(0.02) ? 30_000 : random.between(0, 50));
        entries.set(last, value);
        await run("XADD", "s", `${last}-1`, random.pick(["f", "g"]), value);
      } else if (kind === 4) {
        const id = random.between(1, last + 1);
        t.equal(await run("XDEL", "s", `${id}-1`), entries.delete(id) ? 1 : 0);
      } else if (kind === 5 && random.chance(0.3)) {
        const length = random.between(0, entries.size);
        await run("XTRIM", "s", "MAXLEN", String(length));
        for (const id of [...entries.keys()].slice(0, entries.size - length)) entries.delete(id);
      } else if (kind === 6) {
        await run("XREADGROUP", "GROUP", group, consumer, "COUNT", "3", "STREAMS", "s", random.pick([">", "0"]));
      } else if (kind === 7) await run("XACK", "s", group, pick(), pick(), pick());
      else if (kind === 8)
        await run("XCLAIM", "s", group, consumer, "0", pick(), pick(), random.pick(["FORCE", "JUSTID"]));
      else if (random.chance(0.9)) await run("XAUTOCLAIM", "s", group, consumer, "0", pick(), "COUNT", "3");
      else await run("XGROUP", "DELCONSUMER", "s", group, consumer);
      if (i % 100 !== 0) continue;
      const from = random.between(1, last + 1);
      const expected = [...entries].filter(([id]) => id >= from).map(([id, value]) => [`${id}-1`, value]);
      const found = (await run("XRANGE", "s", String(from), "+")) as [string, [string, string]][];
      t.same(
        found.map(([id, [, value]]) => [id, value]),
        expected,
      );
      const backwards = (await run("XREVRANGE", "s", "+", String(from))) as [string, unknown][];
      t.same(
        backwards.map(([id]) => id),
        expected.map(([id]) => id).reverse(),
      );
    }
    await run("COPY", "s", "copy");
    await run("XGROUP", "DESTROY", "s", "g");
    const { keyspace } = worker.server;
    keyspace.renewSnapshot();
    const report = checkKeyspace(keyspace, new Map([[TYPE_ID.stream, checkStream]]));
    t.same(report.problems, []);
    t.equal(report.keys, 2);
    t.equal(await run("DEL", "s", "copy"), 2);
  });
}
