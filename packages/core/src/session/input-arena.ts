/**
 * Where the bytes of the present turn lie until they are decoded: one buffer for all sessions, used from its start again
 * each turn. A session that has not consumed its bytes by the end of the turn moves them out.
 */
import type { RequestInput } from "../resp/decoder.ts";

const ARENA_BYTES = 1 << 20;
/** Up to here a loop is quicker than a call of `copy`. */
const SHORT = 64;

export class InputArena {
  private buffer: Buffer = Buffer.allocUnsafeSlow(ARENA_BYTES);
  private end = 0;

  /** Copies `chunk[start..end)` in and makes it the unread bytes of `input`, which has none. */
  take(input: RequestInput, chunk: Buffer, start: number, end: number): void {
    const size = end - start;
    if (this.end + size > this.buffer.length) {
      this.buffer = Buffer.allocUnsafeSlow(Math.max(ARENA_BYTES, size));
      this.end = 0;
    }
    const { buffer } = this;
    if (size <= SHORT) {
      for (let i = start, p = this.end; i < end; i++, p++) buffer[p] = chunk[i] as number;
    } else {
      chunk.copy(buffer, this.end, start, end);
    }
    input.buffer = buffer;
    input.position = this.end;
    this.end += size;
    input.end = this.end;
  }

  /** Nobody's unread bytes lie here any more. */
  reset(): void {
    this.end = 0;
  }
}
