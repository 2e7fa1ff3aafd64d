import { Packr } from "msgpackr";
import t from "tap";
import { FRAME, type Frame, FrameReader, FrameWriter } from "../../packages/proc-shard/src/bus/frames.ts";

const packr = new Packr({ useRecords: false, encodeUndefinedAsNil: true });

t.test("frames survive any cut of the stream", async (t) => {
  const writer = new FrameWriter(packr);
  const frames: Frame[] = [
    [FRAME.hello, 3, 4711],
    [FRAME.message, "publish", { channel: Buffer.from([0, 255, 10]), count: 1 }],
    [FRAME.request, "list", null, 9],
    [FRAME.answer, 9, "x".repeat(40_000)],
    [FRAME.message, "empty", []],
  ];
  for (const frame of frames) writer.append(frame);
  const bytes = writer.take();
  t.equal(writer.byteLength, 0);
  for (const step of [1, 2, 3, 7, 1000, bytes.length]) {
    const reader = new FrameReader(packr);
    const got: Frame[] = [];
    for (let at = 0; at < bytes.length; at += step) {
      reader.feed(Buffer.from(bytes.subarray(at, at + step)), (frame) => got.push(frame));
    }
    t.same(got, frames, `in steps of ${step}`);
  }
});

t.test("bytes given away are not written over", async (t) => {
  const writer = new FrameWriter(packr);
  const taken: Buffer[] = [];
  const copies: Buffer[] = [];
  for (let i = 0; i < 2000; i++) {
    writer.append([FRAME.message, "topic", i]);
    const bytes = writer.take();
    taken.push(bytes);
    copies.push(Buffer.from(bytes));
  }
  t.ok(taken.every((bytes, i) => bytes.equals(copies[i] ?? Buffer.alloc(0))));
});
