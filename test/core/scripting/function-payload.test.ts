import t from "tap";
import { lzfDecompress } from "../../../packages/core/src/base/lzf.ts";
import { readFunctionPayload, writeFunctionPayload } from "../../../packages/core/src/scripting/function-payload.ts";

t.test("what was written is read again", async (t) => {
  const codes = ["", "x".repeat(63), "y".repeat(64), "z".repeat(16384)].map((text) => Buffer.from(text));
  t.same(readFunctionPayload(writeFunctionPayload(codes, true)), codes);
  t.same(readFunctionPayload(writeFunctionPayload([], true)), []);
});

t.test("damage is noticed", async (t) => {
  const payload = writeFunctionPayload([Buffer.from("code")], false);
  for (let i = 0; i < payload.length; i++) {
    const damaged = Buffer.from(payload);
    damaged[i] = (damaged[i] as number) ^ 0xff;
    t.throws(() => readFunctionPayload(damaged), `byte ${i}`);
  }
  t.throws(() => readFunctionPayload(Buffer.alloc(9)));
});

t.test("LZF", async (t) => {
  // Literals "abc", then 9 bytes from 3 back.
  const packed = Buffer.of(2, 0x61, 0x62, 0x63, 0xe0, 0, 2);
  t.equal(lzfDecompress(packed, 12)?.toString(), "abcabcabcabc");
  t.equal(lzfDecompress(packed, 11), null);
  t.equal(lzfDecompress(packed.subarray(0, 5), 12), null);
  t.equal(lzfDecompress(Buffer.of(0x20, 5), 3), null, "before the start");
});
