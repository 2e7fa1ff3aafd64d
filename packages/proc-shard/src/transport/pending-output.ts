/**
 * Bytes of one connection that the kernel did not take yet, in order, as copies. Small writes share a chunk, so a slow
 * reader of many small replies costs no object per reply.
 */

/** Least size of a chunk, bytes; Redis' reply blocks have the same. */
const CHUNK_BYTES = 16 * 1024;
/** A larger remainder is cut, so that `byteLength` shrinks while the peer reads it. */
const PIECE_BYTES = 256 * 1024;

export class PendingOutput {
  byteLength = 0;
  /** All but the last are full. */
  private chunks: Buffer[] = [];
  /** First byte of chunks[0] that is still to go out. */
  private headStart = 0;
  /** Bytes used of the last chunk. */
  private tailEnd = 0;

  append(buffer: Buffer, start: number, end: number): void {
    this.byteLength += end - start;
    let from = start;
    const tail = this.chunks[this.chunks.length - 1];
    if (tail !== undefined) {
      const copied = buffer.copy(tail, this.tailEnd, from, end);
      this.tailEnd += copied;
      from += copied;
    }
    while (from < end) {
      const piece = Math.min(end - from, PIECE_BYTES);
      const chunk = Buffer.allocUnsafeSlow(Math.max(piece, CHUNK_BYTES));
      buffer.copy(chunk, 0, from, from + piece);
      this.chunks.push(chunk);
      this.tailEnd = piece;
      from += piece;
    }
  }

  /** The next bytes to go out, as a view; call `advance` with what went. Null when there are none. */
  head(): Buffer | null {
    const chunk = this.chunks[0];
    if (chunk === undefined) return null;
    return chunk.subarray(this.headStart, this.chunks.length === 1 ? this.tailEnd : chunk.length);
  }

  /** Drops bytes from the front; at most the length of `head`. */
  advance(count: number): void {
    this.byteLength -= count;
    this.headStart += count;
    const chunk = this.chunks[0];
    if (chunk === undefined) return;
    const filled = this.chunks.length === 1 ? this.tailEnd : chunk.length;
    if (this.headStart < filled) return;
    this.chunks.shift();
    this.headStart = 0;
    if (this.chunks.length === 0) this.tailEnd = 0;
  }

  clear(): void {
    this.byteLength = 0;
    this.chunks = [];
    this.headStart = 0;
    this.tailEnd = 0;
  }
}
