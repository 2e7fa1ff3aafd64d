/**
 * The result of an operation on sorted sets while it is put in order: members and scores, packed outside of V8's heap (about
 * 16 bytes for each beside its own). As in Redis the whole result is in memory, but none of the inputs.
 */
import { memberHash } from "../codec/key-codec.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";

const FIRST_MEMBERS = 16;
const FIRST_BYTES = 512;

export class Combined {
  /** All members, one behind the other. */
  bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  /** Number of members. */
  length = 0;
  /** Length of the longest member. */
  longest = 0;
  private scores: Float64Array = new Float64Array(FIRST_MEMBERS);
  /** Where each member ends in `bytes`. */
  private ends: Float64Array = new Float64Array(FIRST_MEMBERS);

  /** Adds a member, which must not be there. */
  add(b: Buffer, start: number, end: number, score: number): void {
    const at = this.start(this.length);
    const length = end - start;
    if (this.length === this.scores.length) {
      this.scores = grown(this.scores);
      this.ends = grown(this.ends);
    }
    if (at + length > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(2 * this.bytes.length + length);
      this.bytes.copy(larger, 0, 0, at);
      this.bytes = larger;
    }
    b.copy(this.bytes, at, start, end);
    this.scores[this.length] = score;
    this.ends[this.length++] = at + length;
    if (length > this.longest) this.longest = length;
  }

  /** Where member number `i` is: `bytes[start..end)`. */
  start(i: number): number {
    return i === 0 ? 0 : (this.ends[i - 1] as number);
  }

  end(i: number): number {
    return this.ends[i] as number;
  }

  score(i: number): number {
    return this.scores[i] as number;
  }

  /** The numbers of the members in the order of a sorted set. */
  inOrder(): Uint32Array {
    const { bytes, scores } = this;
    return this.numbers().sort((a, b) => {
      const difference = (scores[a] as number) - (scores[b] as number);
      // Equal infinities have no difference.
      if (difference < 0 || difference > 0) return difference;
      return bytes.compare(bytes, this.start(b), this.end(b), this.start(a), this.end(a));
    });
  }

  /** The numbers of the members in the order of their rows (keyed-elements.ts). Uses the store's key buffer. */
  inRowOrder(keyspace: Keyspace): Uint32Array {
    const { codec, store } = keyspace;
    const hashes = new Float64Array(this.length);
    let isOrdered = true;
    for (let i = 0; i < this.length; i++) {
      codec.memberRow(0, this.bytes, this.start(i), this.end(i));
      const hash = memberHash(store.keyBuffer);
      if (i > 0 && hash < (hashes[i - 1] as number)) isOrdered = false;
      hashes[i] = hash;
    }
    keyspace.forgetRow();
    const numbers = this.numbers();
    // Those that come from a merge are in order already.
    return isOrdered ? numbers : numbers.sort((a, b) => (hashes[a] as number) - (hashes[b] as number));
  }

  private numbers(): Uint32Array {
    const numbers = new Uint32Array(this.length);
    for (let i = 0; i < numbers.length; i++) numbers[i] = i;
    return numbers;
  }
}

function grown(array: Float64Array): Float64Array {
  const larger = new Float64Array(array.length * 2);
  larger.set(array);
  return larger;
}
