import t from "tap";
import { copyGeneration, copyKey } from "../../../packages/core/src/keyspace/copy.ts";
import { keyspaceEntryBytes, rowBytes } from "../../../packages/core/src/keyspace/entry-bytes.ts";
import { bytesOf, openTestKeyspace, STORE_KINDS } from "../../support/test-keyspace.ts";

for (const kind of STORE_KINDS) {
  t.test(`a generation's elements are copied as they are (${kind})`, async (t) => {
    const test = openTestKeyspace(t, kind);
    const { keyspace, store } = test;
    const { codec } = keyspace;
    const put = (generation: number, subkey: string, value: Buffer): void => {
      const row = codec.elementRow(generation) + bytesOf(subkey).copy(store.keyBuffer, codec.elementRow(generation));
      store.putFrom(row, value, 0, value.length);
    };
    const get = (generation: number, subkey: string): Buffer | null => {
      const at = codec.elementRow(generation);
      const n = store.get(at + bytesOf(subkey).copy(store.keyBuffer, at));
      return n < 0 ? null : Buffer.from(store.valueBuffer.subarray(0, n));
    };
    const values = new Map<string, Buffer>([["", Buffer.alloc(0)]]);
    for (let i = 0; i < 500; i++) values.set(`sub${i}\0`, Buffer.alloc(i % 100 === 0 ? 1 << 20 : i, i & 255));
    const [from, neighbour, to] = test.write(() => {
      const generation = keyspace.databases.newGeneration();
      const next = keyspace.databases.newGeneration();
      for (const [subkey, value] of values) put(generation, subkey, value);
      put(next, "other", Buffer.from("x"));
      return [generation, next, copyGeneration(keyspace, generation)];
    });
    t.ok(to > neighbour);
    test.read(() => {
      for (const [subkey, value] of values) {
        t.ok(get(to, subkey)?.equals(value) && get(from, subkey)?.equals(value), JSON.stringify(subkey));
      }
      t.equal(get(to, "other"), null, "of other generations nothing");
    });
  });

  t.test(`copies and sizes of keys (${kind})`, async (t) => {
    const test = openTestKeyspace(t, kind);
    const { keyspace } = test;
    const long = bytesOf("k".repeat(100_000));
    const size = (key: string | Buffer, samples = 5): number | null => {
      const k = bytesOf(key);
      return test.read(() => keyspaceEntryBytes(keyspace, 0, k, 0, k.length, samples));
    };
    test.write(() => {
      test.set("small", "v");
      test.set("timed", "v", 9e12);
      test.set("medium", "v".repeat(10_000));
      test.set("large", "v".repeat(1_000_000), 9e12);
      test.set(long, "v");
      copyKey(keyspace, 0, bytesOf("large"), 0, 5, 0, bytesOf("copy"), 0, 4);
      copyKey(keyspace, 0, long, 0, long.length, 2, long, 0, long.length);
    });
    t.same(test.check().problems, []);
    t.equal(
      test.read(() => test.find("copy")?.expireAtMs),
      9e12,
    );
    t.equal(size("nokey"), null);
    const small = size("small") ?? 0;
    t.ok(small >= 20 && small < 100, `${small}`);
    t.ok((size("timed") ?? 0) > small);
    const medium = size("medium") ?? 0;
    t.ok(medium >= 10_000 && medium < 13_000, `${medium}`);
    for (const samples of [0, 1, 5]) {
      const large = size("large", samples) ?? 0;
      t.ok(large >= 1_000_000 && large < 1_100_000, `${large} from ${samples} samples`);
    }
    t.ok((size(long) ?? 0) > 100_000);
    t.equal(rowBytes(10, 5000) % 1, 0);
    t.throws(() => test.write(() => copyKey(keyspace, 0, bytesOf("nokey"), 0, 5, 0, bytesOf("x"), 0, 1)));
    keyspace.abort();
  });
}
