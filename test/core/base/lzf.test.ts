import t from "tap";
import { lzfCompress, lzfDecompress } from "../../../packages/core/src/base/lzf.ts";
import { SeededRandom } from "../../support/seeded-random.ts";

t.test("what was compressed comes back", async (t) => {
  const random = new SeededRandom(1);
  for (let i = 0; i < 600; i++) {
    const letters = random.between(1, 30);
    const length = random.chance(0.1) ? random.between(8000, 30_000) : random.between(5, 400);
    const bytes = Buffer.from(Array.from({ length }, () => random.between(0, letters)));
    const start = random.between(0, 4);
    const packed = lzfCompress(bytes, start, length, length - start - 4);
    if (packed === null) continue;
    t.ok(packed.length <= length - start - 4);
    const text = lzfDecompress(packed, length - start);
    if (text?.equals(bytes.subarray(start)) !== true) t.fail(`${letters} letters, ${length} bytes from ${start}`);
  }
});

t.test("what repeats becomes small, also far back; what does not stays", async (t) => {
  const text = Buffer.from("abcdefgh".repeat(1000));
  t.ok((lzfCompress(text, 0, text.length, text.length) ?? text).length < 120);
  const far = Buffer.alloc(16_000, 0);
  for (let i = 0; i < far.length; i++) far[i] = (i * i * 31) >> 3;
  far.copy(far, 8192 + 100, 100, 1100);
  const packed = lzfCompress(far, 0, far.length, far.length);
  if (packed !== null) t.ok(lzfDecompress(packed, far.length)?.equals(far));
  t.equal(lzfCompress(Buffer.from("no repetition here?!"), 0, 20, 16), null);
});

t.test("damage is noticed", async (t) => {
  t.equal(lzfDecompress(Buffer.from([0x20, 0x05]), 3), null, "a reference before the start");
  t.equal(lzfDecompress(Buffer.from([0x05, 0x61]), 6), null, "literals that are cut off");
  t.equal(lzfDecompress(Buffer.from([0x00, 0x61]), 2), null, "too short");
  t.equal(lzfDecompress(Buffer.from([0x01, 0x61, 0x62]), 1), null, "too long");
  t.equal(lzfDecompress(Buffer.from([0x00, 0x61, 0xe0]), 9), null, "a reference that is cut off");
});
