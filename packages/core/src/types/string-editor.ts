/**
 * Several small reads and changes of one string, kept in memory and written by one `flush`: BITFIELD. Works on windows
 * of WINDOW_BYTES bytes anywhere in the string; only the chunks they lie in are read, and written when changed.
 */
import { type Entry, NO_EXPIRY } from "../codec/record.ts";
import { CHUNK_BYTES, copyChunks } from "../keyspace/chunks.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { INLINE_STRING_MAX, RAW, setChunked, setString, stringLength } from "./string.ts";

/** Enough for 64 bits at any bit offset. */
export const WINDOW_BYTES = 9;

interface Piece {
  readonly bytes: Buffer;
  changed: boolean;
}

export class StringEditor {
  /** Bytes `start..start + WINDOW_BYTES` of the string, as `load` left them; zero behind its end. */
  readonly window: Buffer;
  readonly length: number;
  readonly hasGrown: boolean;
  private readonly keyspace: Keyspace;
  private readonly entry: Entry | null;
  private readonly pieces: Map<number, Piece>;

  /** `entry` is what `find` just returned. The string will be at least `minLength` bytes long. */
  constructor(keyspace: Keyspace, entry: Entry | null, minLength: number) {
    const oldLength = entry === null ? 0 : stringLength(entry);
    this.keyspace = keyspace;
    this.entry = entry;
    this.length = Math.max(oldLength, minLength);
    this.hasGrown = this.length > oldLength || entry === null;
    this.window = Buffer.alloc(WINDOW_BYTES);
    this.pieces = new Map();
    if (entry !== null && entry.generation !== 0) return;
    // The payload is borrowed: it becomes the first piece now. When the string moves to chunks it must be written.
    const bytes = Buffer.alloc(Math.min(this.length, CHUNK_BYTES));
    if (entry !== null) keyspace.store.valueBuffer.copy(bytes, 0, entry.payloadStart, entry.payloadEnd);
    this.pieces.set(0, { bytes, changed: true });
  }

  private piece(index: number): Piece {
    let piece = this.pieces.get(index);
    if (piece === undefined) {
      const from = index * CHUNK_BYTES;
      const bytes = Buffer.alloc(Math.min(this.length - from, CHUNK_BYTES));
      const { store, codec } = this.keyspace;
      const generation = this.entry === null ? 0 : this.entry.generation;
      if (generation !== 0) copyChunks(store, codec, generation, from, from + bytes.length, bytes, 0);
      piece = { bytes, changed: false };
      this.pieces.set(index, piece);
    }
    return piece;
  }

  /** Copies between the window and the string from byte `start` on. */
  private exchange(start: number, size: number, write: boolean): void {
    const { window } = this;
    for (let i = 0; i < size; ) {
      const at = start + i;
      if (at >= this.length) {
        if (!write) window.fill(0, i, size);
        return;
      }
      const index = Math.floor(at / CHUNK_BYTES);
      const inPiece = at - index * CHUNK_BYTES;
      const piece = this.piece(index);
      const take = Math.min(size - i, piece.bytes.length - inPiece);
      if (write) {
        window.copy(piece.bytes, inPiece, i, i + take);
        piece.changed = true;
      } else {
        piece.bytes.copy(window, i, inPiece, inPiece + take);
      }
      i += take;
    }
  }

  load(start: number): void {
    this.exchange(start, WINDOW_BYTES, false);
  }

  /** Puts the first `size` bytes of the window back to `start`; they must lie inside the string. */
  store(start: number, size: number): void {
    this.exchange(start, size, true);
  }

  /** Writes what was changed, and the length. The key is the one that `entry` was found for. */
  flush(db: number, kb: Buffer, ks: number, ke: number): void {
    const { keyspace, entry, length } = this;
    const expireAtMs = entry === null ? NO_EXPIRY : entry.expireAtMs;
    if (length <= INLINE_STRING_MAX) {
      setString(keyspace, db, kb, ks, ke, entry, this.piece(0).bytes, 0, length, expireAtMs, RAW);
      return;
    }
    const { store, codec } = keyspace;
    const generation = entry !== null && entry.generation !== 0 ? entry.generation : keyspace.databases.newGeneration();
    for (const [index, { bytes, changed }] of this.pieces) {
      if (changed) store.putFrom(codec.chunkRow(generation, index), bytes, 0, bytes.length);
    }
    setChunked(keyspace, db, kb, ks, ke, entry, RAW, expireAtMs, generation, length);
  }
}
