import t from "tap";
import { PendingOutput } from "../../packages/proc-shard/src/transport/pending-output.ts";

/** Takes everything out in steps of at most `step` bytes. */
function drain(output: PendingOutput, step: number): Buffer {
  const parts: Buffer[] = [];
  for (;;) {
    const head = output.head();
    if (head === null) return Buffer.concat(parts);
    const part = head.subarray(0, step);
    parts.push(Buffer.from(part));
    output.advance(part.length);
  }
}

t.test("bytes come out as they went in, whatever the sizes", async (t) => {
  const output = new PendingOutput();
  const source = Buffer.alloc(1_000_000);
  for (let i = 0; i < source.length; i++) source[i] = (i * 7919) >> 5;
  let at = 0;
  for (const size of [1, 15, 16_383, 16_384, 16_385, 1, 300_000, 524_288, 100]) {
    output.append(source, at, at + size);
    at += size;
    t.equal(output.byteLength, at);
  }
  t.ok(drain(output, 10_000).equals(source.subarray(0, at)));
  t.equal(output.byteLength, 0);
});

t.test("a view that was given out is not written over", async (t) => {
  const output = new PendingOutput();
  output.append(Buffer.from("hello "), 0, 6);
  const head = output.head();
  output.append(Buffer.from("world"), 0, 5);
  t.equal(head?.toString(), "hello ");
  output.advance(6);
  t.equal(output.head()?.toString(), "world");
});

t.test("clear drops everything", async (t) => {
  const output = new PendingOutput();
  output.append(Buffer.alloc(100_000), 0, 100_000);
  output.clear();
  t.equal(output.byteLength, 0);
  t.equal(output.head(), null);
  output.append(Buffer.from("x"), 0, 1);
  t.equal(output.head()?.toString(), "x");
});
