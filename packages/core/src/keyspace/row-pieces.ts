/**
 * Byte strings of any length kept under a prefix of their own, cut into rows `prefix | piece u32`. For the few things
 * that are not keys (scripts, function libraries); values of keys use chunks.ts.
 */
import { writeU32 } from "../codec/record.ts";
import type { OrderedStore } from "../store/ordered-store.ts";

/** Four LMDB pages less the overflow page header, as for chunks of values. */
const PIECE_BYTES = 16360;

/** Writes `bytes` as pieces 0, 1 ...; an empty string is one empty piece. Nothing may be there before. */
export function writePieces(store: OrderedStore, prefix: Uint8Array, bytes: Buffer): void {
  let piece = 0;
  let at = 0;
  do {
    const end = Math.min(at + PIECE_BYTES, bytes.length);
    store.putFrom(rowOf(store, prefix, piece++), bytes, at, end);
    at = end;
  } while (at < bytes.length);
}

/** All pieces joined; null when there is none. */
export function readPieces(store: OrderedStore, prefix: Uint8Array): Buffer | null {
  const pieces: Buffer[] = [];
  for (;;) {
    const n = store.get(rowOf(store, prefix, pieces.length));
    if (n < 0) break;
    const piece = Buffer.allocUnsafe(n);
    store.valueBuffer.copy(piece, 0, 0, n);
    pieces.push(piece);
    if (n < PIECE_BYTES) break;
  }
  return pieces.length === 0 ? null : Buffer.concat(pieces);
}

export function deletePieces(store: OrderedStore, prefix: Uint8Array): void {
  for (let piece = 0; store.delete(rowOf(store, prefix, piece)); piece++);
}

/** Prefixes of `length` bytes that have pieces and start with `table`, in order. */
export function listPrefixes(store: OrderedStore, table: number, length: number): Buffer[] {
  const prefixes: Buffer[] = [];
  store.keyBuffer[0] = table;
  const cursor = store.openCursor();
  try {
    for (let more = cursor.seek(1); more && cursor.key[0] === table; more = cursor.next()) {
      if (cursor.keyLength !== length + 4) continue;
      const last = prefixes[prefixes.length - 1];
      const prefix = Buffer.from(cursor.key.subarray(0, length));
      if (last === undefined || !last.equals(prefix)) prefixes.push(prefix);
    }
  } finally {
    cursor.close();
  }
  return prefixes;
}

function rowOf(store: OrderedStore, prefix: Uint8Array, piece: number): number {
  const { keyBuffer } = store;
  for (let i = 0; i < prefix.length; i++) keyBuffer[i] = prefix[i] as number;
  writeU32(keyBuffer, prefix.length, piece);
  return prefix.length + 4;
}
