import t from "tap";
import { Crc64, crc64 } from "../../../packages/core/src/base/crc64.ts";

/** The definition, a bit at a time. */
function slow(bytes: Uint8Array): bigint {
  let crc = 0n;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0x95ac9329ac4bc9b5n : crc >> 1n;
  }
  return crc;
}

t.test("check value", async (t) => {
  t.equal(crc64(Buffer.from("123456789")), 0xe9c6d914c4b8d9can);
  t.equal(crc64(Buffer.alloc(0)), 0n);
});

t.test("any range, any pieces", async (t) => {
  for (let i = 0; i < 300; i++) {
    const bytes = Buffer.from(Array.from({ length: i }, () => Math.random() * 256));
    const start = Math.floor(Math.random() * (i + 1));
    const expected = slow(bytes.subarray(start));
    if (crc64(bytes, start) !== expected) t.fail(`length ${i} from ${start}`);
    const middle = start + Math.floor(Math.random() * (i - start + 1));
    if (crc64(bytes, middle, i, crc64(bytes, start, middle)) !== expected) t.fail(`split at ${middle}`);
  }
});

t.test("written little-endian", async (t) => {
  const crc = new Crc64();
  crc.update(Buffer.from("x123456789x"), 1, 10);
  const out = Buffer.alloc(10);
  crc.write(out, 1);
  t.equal(out.readBigUInt64LE(1), crc.value);
  t.equal(out.toString("hex"), "00cad9b8c414d9c6e900");
});
