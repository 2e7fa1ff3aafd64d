/**
 * Long byte strings (long keys, large string values) cut into rows of the elements table under one generation. A chunk
 * may be missing or shorter than CHUNK_BYTES: what is not there counts as zero bytes.
 */
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

/** Overwrites what is at `offset` with `bytes[start..end)`; only the chunks concerned are read and written. */
export function patchChunks(
  store: OrderedStore,
  codec: KeyCodec,
  generation: number,
  offset: number,
  bytes: Buffer,
  start: number,
  end: number,
): void {
  const put = store.putBuffer;
  for (let from = start; from < end; ) {
    const at = offset + (from - start);
    const index = Math.floor(at / CHUNK_BYTES);
    const inChunk = at - index * CHUNK_BYTES;
    const take = Math.min(CHUNK_BYTES - inChunk, end - from);
    const row = codec.chunkRow(generation, index);
    if (take === CHUNK_BYTES) {
      store.putFrom(row, bytes, from, from + take);
    } else {
      const there = Math.max(0, store.get(row));
      store.valueBuffer.copy(put, 0, 0, there);
      if (there < inChunk) put.fill(0, there, inChunk);
      bytes.copy(put, inChunk, from, from + take);
      store.put(row, Math.max(there, inChunk + take));
    }
    from += take;
  }
}

/** Copies the bytes `[from, to)` of a generation to `target[at..]`. False: no chunk holds any of them, all are zero. */
export function copyChunks(
  store: OrderedStore,
  codec: KeyCodec,
  generation: number,
  from: number,
  to: number,
  target: Buffer,
  at: number,
): boolean {
  let isHeld = false;
  for (let source = from, dest = at; source < to; ) {
    const index = Math.floor(source / CHUNK_BYTES);
    const inChunk = source - index * CHUNK_BYTES;
    const take = Math.min(CHUNK_BYTES - inChunk, to - source);
    const n = store.get(codec.chunkRow(generation, index));
    const there = Math.max(0, Math.min(take, n - inChunk));
    if (there > 0) {
      store.valueBuffer.copy(target, dest, inChunk, inChunk + there);
      isHeld = true;
    }
    if (there < take) target.fill(0, dest + there, dest + take);
    source += take;
    dest += take;
  }
  return isHeld;
}

/** All `length` bytes of a generation. */
export function readChunks(store: OrderedStore, codec: KeyCodec, generation: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  copyChunks(store, codec, generation, 0, length, bytes, 0);
  return bytes;
}
