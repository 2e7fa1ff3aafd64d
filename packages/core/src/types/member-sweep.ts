/**
 * Deletes many member rows of a collection (keyed-elements.ts) in the order in which the store holds them. Members that go
 * by rank lie anywhere among the rows, and each row alone costs the copy of a page; in order, those of a page share it.
 * Only for members without deadlines and blobs.
 */
import { ELEMENT_SUBKEY, memberHash } from "../codec/key-codec.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";

/** Rows gathered before they are deleted: bounds the memory, about 60 bytes for each. */
const SWEEP_ROWS = 100_000;
const FIRST_BYTES = 1 << 16;

export class MemberSweep {
  private readonly keyspace: Keyspace;
  private readonly generation: number;
  private readonly hashes: Float64Array;
  /** Where each row starts in `bytes`; one more than rows. */
  private readonly starts: Uint32Array;
  private bytes: Buffer;
  private count: number;

  /** `expected` is how many rows will come. */
  constructor(keyspace: Keyspace, generation: number, expected: number) {
    const most = Math.min(expected, SWEEP_ROWS);
    this.keyspace = keyspace;
    this.generation = generation;
    this.hashes = new Float64Array(most);
    this.starts = new Uint32Array(most + 1);
    this.bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
    this.count = 0;
  }

  /** Notes a member; its bytes are copied. */
  add(mb: Buffer, ms: number, me: number): void {
    if (this.count === this.hashes.length) this.flush();
    const { codec, store } = this.keyspace;
    const length = codec.memberRow(this.generation, mb, ms, me) - ELEMENT_SUBKEY;
    const start = this.starts[this.count] as number;
    if (start + length > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(2 * this.bytes.length + length);
      this.bytes.copy(larger, 0, 0, start);
      this.bytes = larger;
    }
    store.keyBuffer.copy(this.bytes, start, ELEMENT_SUBKEY, ELEMENT_SUBKEY + length);
    this.hashes[this.count++] = memberHash(store.keyBuffer);
    this.starts[this.count] = start + length;
  }

  /** Deletes what was noted. Call it at the end. */
  flush(): void {
    const { count, hashes, starts, bytes } = this;
    const { store, codec } = this.keyspace;
    const order = new Uint32Array(count);
    for (let i = 0; i < count; i++) order[i] = i;
    order.sort((a, b) => (hashes[a] as number) - (hashes[b] as number));
    for (const i of order) {
      const start = starts[i] as number;
      const end = starts[i + 1] as number;
      codec.elementRow(this.generation);
      bytes.copy(store.keyBuffer, ELEMENT_SUBKEY, start, end);
      store.delete(ELEMENT_SUBKEY + end - start);
    }
    this.count = 0;
  }
}
