import t from "tap";
import { crc16, keyHashSlot } from "../../../packages/core/src/base/crc16.ts";

function slot(key: string): number {
  const buf = Buffer.from(`}${key}{`);
  return keyHashSlot(buf, 1, buf.length - 1);
}

t.test("crc16", async (t) => {
  t.equal(crc16(Buffer.from("123456789"), 0, 9), 0x31c3);
  t.equal(crc16(Buffer.alloc(0), 0, 0), 0);
});

t.test("hash slots, as recorded from Redis", async (t) => {
  t.equal(slot("foo"), 12182);
  t.equal(slot("bar"), 5061);
  t.equal(slot(""), 0);
  t.equal(slot("{foo}bar"), 12182);
  t.equal(slot("x{foo}{bar}"), 12182);
  t.equal(slot("foo{{bar}}zap"), slot("{bar"));
  t.not(slot("foo{}{bar}"), slot("bar"), "an empty tag does not count");
  t.not(slot("{foo"), slot("foo"), "an open tag does not count");
  t.not(slot("}foo{"), slot("foo"));
});
