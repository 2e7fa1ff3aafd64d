/**
 * Frames of the worker bus: a 32-bit little-endian length, then one msgpack array. The first element tells the kind:
 *   [HELLO, slot, pid]            first frame of a link: who sends on it
 *   [MESSAGE, topic, payload]
 *   [REQUEST, topic, payload, id]
 *   [ANSWER, id, payload]         on the answerer's own link
 *   [REFUSAL, id, text]           the handler threw, or there is none
 * Both ends are processes of one server and one build, so there is no version.
 */
import type { Packr } from "msgpackr";

export const FRAME = { hello: 0, message: 1, request: 2, answer: 3, refusal: 4 } as const;

export type Frame =
  | readonly [typeof FRAME.hello, slot: number, pid: number]
  | readonly [typeof FRAME.message, topic: string, payload: unknown]
  | readonly [typeof FRAME.request, topic: string, payload: unknown, id: number]
  | readonly [typeof FRAME.answer, id: number, payload: unknown]
  | readonly [typeof FRAME.refusal, id: number, text: string];

const HEADER_BYTES = 4;
const FIRST_ROOM = 16 * 1024;

/** Frames as one run of bytes, ready for one write. */
export class FrameWriter {
  private buffer = Buffer.allocUnsafe(FIRST_ROOM);
  private end = 0;
  private readonly packr: Packr;

  constructor(packr: Packr) {
    this.packr = packr;
  }

  get byteLength(): number {
    return this.end;
  }

  append(frame: Frame): void {
    this.appendPacked(this.packr.pack(frame));
  }

  /** Appends a frame packed before: a broadcast packs once for all peers. */
  appendPacked(packed: Uint8Array): void {
    const needed = this.end + HEADER_BYTES + packed.length;
    if (needed > this.buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, this.buffer.length * 2));
      this.buffer.copy(grown, 0, 0, this.end);
      this.buffer = grown;
    }
    this.buffer.writeUInt32LE(packed.length, this.end);
    this.buffer.set(packed, this.end + HEADER_BYTES);
    this.end = needed;
  }

  /** The bytes so far, given away; the writer is empty after it. */
  take(): Buffer {
    const bytes = this.buffer.subarray(0, this.end);
    // What is left of the room serves the next frames; a view that was given away is never written again.
    const left = this.buffer.length - this.end;
    this.buffer = left >= FIRST_ROOM / 4 ? this.buffer.subarray(this.end) : Buffer.allocUnsafe(FIRST_ROOM);
    this.end = 0;
    return bytes;
  }
}

/** Cuts a byte stream into frames. */
export class FrameReader {
  private rest: Buffer | null = null;
  private readonly packr: Packr;

  constructor(packr: Packr) {
    this.packr = packr;
  }

  /** Calls `onFrame` for each frame that the chunk completes. */
  feed(chunk: Buffer, onFrame: (frame: Frame) => void): void {
    let bytes = this.rest === null ? chunk : Buffer.concat([this.rest, chunk]);
    this.rest = null;
    while (bytes.length >= HEADER_BYTES) {
      const end = HEADER_BYTES + bytes.readUInt32LE(0);
      if (bytes.length < end) break;
      // Buffers in the payload are views of the chunk, which nobody writes again.
      onFrame(this.packr.unpack(bytes.subarray(HEADER_BYTES, end)) as Frame);
      bytes = bytes.subarray(end);
    }
    if (bytes.length > 0) this.rest = bytes;
  }
}
