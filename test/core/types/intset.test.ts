import t from "tap";
import {
  IntValue,
  intsetAt,
  intsetClear,
  intsetInsert,
  intsetRemove,
  intsetSearch,
  intsetSize,
} from "../../../packages/core/src/types/intset.ts";

const EDGES = [2 ** 7, 2 ** 15, 2 ** 16, 2 ** 31, 2 ** 32, 2 ** 53]
  .flatMap((edge) => [edge - 1, edge, edge + 1])
  .map(BigInt);
const INT64_MAX = 2n ** 63n - 1n;
const INTEGERS = [...new Set([0n, 1n, INT64_MAX, -INT64_MAX, -INT64_MAX - 1n, ...EDGES, ...EDGES.map((n) => -n)])];

function intValue(n: bigint): IntValue {
  const value = new IntValue();
  const text = Buffer.from(String(n));
  if (!value.parse(text, 0, text.length)) throw new Error(`${n} is an integer`);
  return value;
}

t.test("values keep all of int64", async (t) => {
  const text = Buffer.alloc(20);
  for (const n of INTEGERS) {
    const value = intValue(n);
    t.equal(text.toString("latin1", 0, value.writeText(text, 0)), String(n));
    const bytes = Buffer.alloc(8);
    const copy = new IntValue();
    value.write(bytes, 0, value.width);
    copy.read(bytes, 0, value.width);
    t.same([copy.high, copy.low], [value.high, value.low], `${n} in ${value.width} bytes`);
  }
  for (const word of ["", "-", "+1", "01", "-0", " 1", "1 ", "1.0", "9223372036854775808", "x"]) {
    t.notOk(new IntValue().parse(Buffer.from(word), 0, word.length), word);
  }
});

t.test("sorted, found and removed whatever the width", async (t) => {
  for (const start of [0, 7]) {
    const b = Buffer.alloc(1000);
    let end = intsetClear(b, start);
    for (const n of INTEGERS) {
      const place = intsetSearch(b, start, end, intValue(n));
      t.ok(place < 0);
      end = intsetInsert(b, start, end, -1 - place, intValue(n));
    }
    const sorted = [...INTEGERS].sort((x, y) => (x < y ? -1 : 1));
    t.equal(intsetSize(b, start, end), sorted.length);
    const value = new IntValue();
    const text = Buffer.alloc(20);
    for (const [place, n] of sorted.entries()) {
      intsetAt(b, start, place, value);
      t.equal(text.toString("latin1", 0, value.writeText(text, 0)), String(n));
      t.equal(intsetSearch(b, start, end, intValue(n)), place);
    }
    for (const n of INTEGERS) end = intsetRemove(b, start, end, intsetSearch(b, start, end, intValue(n)));
    t.equal(intsetSize(b, start, end), 0);
  }
});
