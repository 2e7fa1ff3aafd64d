/** Long byte strings (long keys, large string values) cut into rows of the elements table under one generation. */
import type { KeyCodec } from "../codec/key-codec.ts";
import type { OrderedStore } from "../store/ordered-store.ts";

/**
 * Bytes per chunk: four LMDB pages less the overflow page header, so that a chunk wastes nothing and changing one bit of
 * a large value rewrites 16 KiB.
 */
export const CHUNK_BYTES = 16360;

export function writeChunks(
  store: OrderedStore,
  codec: KeyCodec,
  generation: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  for (let at = start, index = 0; at < end; at += CHUNK_BYTES, index++) {
    store.putFrom(codec.chunkRow(generation, index), bytes, at, Math.min(at + CHUNK_BYTES, end));
  }
}

/** All `length` bytes of a generation. Missing chunks and missing ends of chunks are zero bytes. */
export function readChunks(store: OrderedStore, codec: KeyCodec, generation: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0, index = 0; at < length; at += CHUNK_BYTES, index++) {
    const n = store.get(codec.chunkRow(generation, index));
    if (n > 0) store.valueBuffer.copy(bytes, at, 0, Math.min(n, length - at));
  }
  return bytes;
}
