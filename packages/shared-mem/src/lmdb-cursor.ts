/**
 * A cursor of LmdbStore. The native cursor leaves keys in the store's key buffer, so each move copies the key out: the
 * port promises that point operations can be mixed with open cursors.
 *
 * Values are not copied by moves until the first `readValue`: from then on each move brings its value along, which is
 * cheaper than asking again. The value stays good until another operation uses the store's value buffer.
 */
import { type Cursor, MAX_KEY_BYTES } from "@keydb-ts/core/contracts";
import {
  CURSOR_EXCLUSIVE,
  CURSOR_RENEW,
  CURSOR_REVERSE,
  CURSOR_VALUES,
  lmdbFailure,
  type NativeCursor,
  native,
  RETURNED_KEY_OFFSET,
} from "./lmdb-native.ts";

/** What a cursor needs of its store. */
export interface CursorOwner {
  readonly keyBuffer: Buffer;
  /** Changes whenever the snapshot or txn that cursors stand in ends. */
  readonly era: number;
  /** The cursor whose value is in the value buffer, when nobody has used the buffer since. */
  valueOwner: LmdbCursor | null;
  /** Length of the value that the last cursor move with values brought. */
  movedValueLength(): number;
  /** Before a write through a cursor: throws outside a write txn and in a failed one. */
  requireWritable(): void;
  /** Before the row `key[0..keyLength)` is deleted. */
  deletingRow(key: Buffer, keyLength: number): void;
  /** Before LMDB is asked for the value of a row. */
  readingValue(): void;
  noteFailure(error: unknown): Error;
  closeCursor(cursor: LmdbCursor): void;
}

const { position, iterate, getCurrentValue } = native;
const scratch = Buffer.allocUnsafeSlow(2 * MAX_KEY_BYTES);

/** Up to this length a loop copies faster than `Buffer.copy`. */
const LOOPED_KEY_BYTES = 48;

export class LmdbCursor implements Cursor {
  readonly key: Buffer = Buffer.allocUnsafeSlow(MAX_KEY_BYTES);
  keyLength = 0;
  /** The native cursor, null while the object waits in a pool without one. */
  handle: NativeCursor | null = null;
  /** Opened in a write txn, not in a snapshot. */
  isInWriteTxn = false;
  isOpen = false;
  private readonly store: CursorOwner;
  private address = 0;
  private era = 0;
  /** The native cursor stems from an earlier snapshot: the first position has to renew it. */
  private stale = false;
  private valueFlag = 0;
  private directionFlag = 0;
  private isDeleted = false;
  private valueLength = 0;

  constructor(store: CursorOwner) {
    this.store = store;
  }

  /** Makes the object usable on a native cursor. */
  open(handle: NativeCursor, isInWriteTxn: boolean, stale: boolean): void {
    this.handle = handle;
    this.address = handle.address;
    this.isInWriteTxn = isInWriteTxn;
    this.stale = stale;
    this.era = this.store.era;
    this.isOpen = true;
    this.keyLength = 0;
    this.valueFlag = 0;
    this.directionFlag = 0;
    this.isDeleted = false;
  }

  seek(keyLength: number): boolean {
    return this.place(keyLength, 0);
  }

  seekBefore(keyLength: number): boolean {
    this.requireUsable();
    if (keyLength === 0) {
      this.keyLength = 0;
      return false;
    }
    return this.place(keyLength, CURSOR_REVERSE | CURSOR_EXCLUSIVE);
  }

  next(): boolean {
    this.requireUsable();
    if (this.keyLength === 0) return false;
    if (this.directionFlag === 0) return this.step();
    return this.turn(CURSOR_EXCLUSIVE);
  }

  prev(): boolean {
    this.requireUsable();
    if (this.keyLength === 0) return false;
    if (this.directionFlag !== 0) return this.step();
    return this.turn(CURSOR_REVERSE | CURSOR_EXCLUSIVE);
  }

  private step(): boolean {
    if (this.valueFlag !== 0) this.store.readingValue();
    return this.arrive(iterate(this.address));
  }

  readValue(): number {
    if (this.store.valueOwner === this && this.isOpen) return this.valueLength;
    this.requireUsable();
    this.requireRow();
    this.store.readingValue();
    // Callers build the next key in keyBuffer between a move and readValue: leave it as it was.
    const { keyBuffer } = this.store;
    const used = RETURNED_KEY_OFFSET + this.keyLength + 1;
    keyBuffer.copy(scratch, 0, 0, used);
    let rc: number;
    if (this.valueFlag === 0) {
      this.valueFlag = CURSOR_VALUES;
      this.key.copy(keyBuffer, 0, 0, this.keyLength);
      rc = position(this.address, CURSOR_VALUES | this.directionFlag, 0, this.keyLength, 0);
    } else rc = getCurrentValue(this.address);
    const end = RETURNED_KEY_OFFSET + rc;
    const isSameRow = rc === this.keyLength && keyBuffer.compare(this.key, 0, rc, RETURNED_KEY_OFFSET, end) === 0;
    this.valueLength = this.store.movedValueLength();
    scratch.copy(keyBuffer, 0, 0, used);
    if (rc < 0) throw lmdbFailure("cursor read", rc);
    if (!isSameRow) throw new Error("the cursor's row was deleted");
    this.store.valueOwner = this;
    return this.valueLength;
  }

  deleteCurrent(): void {
    this.requireUsable();
    this.requireRow();
    this.store.requireWritable();
    this.store.deletingRow(this.key, this.keyLength);
    try {
      this.handle?.del();
    } catch (error) {
      throw this.store.noteFailure(error);
    }
    this.isDeleted = true;
    this.store.valueOwner = null;
  }

  close(): void {
    if (this.isOpen) this.store.closeCursor(this);
  }

  private place(keyLength: number, flags: number): boolean {
    this.requireUsable();
    if (this.valueFlag !== 0) this.store.readingValue();
    let all = flags | this.valueFlag;
    if (this.stale) {
      all |= CURSOR_RENEW;
      this.stale = false;
    }
    this.directionFlag = flags & CURSOR_REVERSE;
    return this.arrive(position(this.address, all, 0, keyLength, 0));
  }

  /** Changes direction: the native cursor steps one way only, as it was placed. */
  private turn(flags: number): boolean {
    this.key.copy(this.store.keyBuffer, 0, 0, this.keyLength);
    return this.place(this.keyLength, flags);
  }

  private arrive(rc: number): boolean {
    this.isDeleted = false;
    if (rc <= 0) {
      this.keyLength = 0;
      if (this.store.valueOwner === this) this.store.valueOwner = null;
      if (rc < 0) throw lmdbFailure("cursor move", rc);
      return false;
    }
    this.keyLength = rc;
    const { keyBuffer } = this.store;
    if (rc <= LOOPED_KEY_BYTES) {
      const { key } = this;
      for (let i = 0; i < rc; i++) key[i] = keyBuffer[RETURNED_KEY_OFFSET + i] as number;
    } else keyBuffer.copy(this.key, 0, RETURNED_KEY_OFFSET, RETURNED_KEY_OFFSET + rc);
    if (this.valueFlag !== 0) {
      this.valueLength = this.store.movedValueLength();
      this.store.valueOwner = this;
    }
    return true;
  }

  private requireUsable(): void {
    if (!this.isOpen || this.era !== this.store.era) throw new Error("cursor used after its snapshot or txn ended");
  }

  private requireRow(): void {
    if (this.keyLength === 0) throw new Error("the cursor is on no row");
    if (this.isDeleted) throw new Error("the cursor's row was deleted");
  }
}
