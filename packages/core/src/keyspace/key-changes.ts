/** Told of the keys that write txns change, while anybody wants to know (client-side caching). */
export class KeyChanges {
  isWanted = false;
  /** A write txn has begun: whether changes are wanted may be another matter now. */
  onBegun: () => void = () => {};
  /** The key is a copy. `byItself`: it was due, no client's command changed it. */
  onKey: (key: Buffer, byItself: boolean) => void = () => {};
  /** A database was emptied. */
  onFlush: () => void = () => {};

  note(buf: Buffer, start: number, end: number, byItself = false): void {
    this.onKey(Buffer.from(buf.subarray(start, end)), byItself);
  }
}
