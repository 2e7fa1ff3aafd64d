import t from "tap";
import { ByteList } from "../../../packages/core/src/rdb/byte-list.ts";
import { ListpackWriter, readListpack } from "../../../packages/core/src/rdb/listpack.ts";
import { DamagedPayload } from "../../../packages/core/src/rdb/rdb-reader.ts";
import { SeededRandom } from "../../support/seeded-random.ts";

const TEXTS = [
  ..."0 1 127 128 -1 -4096 -4097 4095 4096 32767 -32768 32768 8388607 -8388608 8388608".split(" "),
  ..."2147483647 -2147483648 2147483648 9007199254740993 9223372036854775807 -9223372036854775808".split(" "),
  ..."9223372036854775808 01 -0 +1 1.5 a".split(" "),
  "",
  ...[63, 64, 127, 128, 4095, 4096, 16_400, 70_000].map((length) => "x".repeat(length)),
];

function pack(texts: readonly string[]): Buffer {
  const writer = new ListpackWriter();
  for (const text of texts) writer.add(Buffer.from(text), 0, text.length);
  const { size } = writer;
  const bytes = Buffer.from(writer.finish());
  t.equal(bytes.length, size);
  return bytes;
}

function unpack(bytes: Buffer): string[] {
  const list = new ByteList();
  readListpack(bytes, 0, bytes.length, list);
  return Array.from({ length: list.count }, (_, i) => list.latin1(i));
}

t.test("texts and integers of all sizes come back", async (t) => {
  t.same(unpack(pack(TEXTS)), TEXTS);
  t.same(unpack(pack([])), []);
  const many = Array.from({ length: 70_000 }, (_, i) => String(i % 300));
  t.same(unpack(pack(many)), many, "more than the count can tell");
});

t.test("the bytes are Redis'", async (t) => {
  // The listpack in the DUMP that redis-server 7.2.4 gives of RPUSH k a 127 -1 4096 70000 -9000000 5000000000.
  const hex =
    "280000000700816102" + "7f01" + "dfff02" + "f1001003" + "f270110104" + "f3c0ab76ff05" + "f400f2052a0100000009ff";
  t.equal(pack(["a", "127", "-1", "4096", "70000", "-9000000", "5000000000"]).toString("hex"), hex);
});

t.test("a damaged listpack is refused, or read within its bounds", async (t) => {
  const good = pack(TEXTS.slice(0, 30));
  const random = new SeededRandom(2);
  for (let i = 0; i < 4000; i++) {
    const bytes = Buffer.from(good);
    bytes[random.between(0, bytes.length - 1)] = random.between(0, 255);
    try {
      unpack(bytes);
    } catch (error) {
      if (!(error instanceof DamagedPayload)) t.fail(`${error}`);
    }
  }
  for (let length = 0; length < 60; length++) t.throws(() => unpack(good.subarray(0, length)), new DamagedPayload());
});
