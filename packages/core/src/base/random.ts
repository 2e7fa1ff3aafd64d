/**
 * Random numbers: the reproducible drand48 sequence that Redis gives Lua scripts, and uniform integers for commands
 * (RANDOMKEY, SPOP, sampling), which need no secrecy.
 */
import { randomBytes } from "node:crypto";

/** The 48-bit linear congruential generator of drand48: x = x * 0x5DEECE66D + 0xB. */
export class Rand48 {
  /** The state in two 24-bit halves, so that every product stays an exact number. */
  #high = 0;
  #low = 0;

  /** Without a seed it starts where Redis' generator does in a fresh server. */
  constructor(seed = 0x1234_abcd) {
    this.seed(seed);
  }

  /** Starts the sequence of a 32-bit seed anew: seed in the upper 32 bits, 0x330E below. */
  seed(seed: number): void {
    this.#high = (seed >>> 8) & 0xff_ffff;
    this.#low = ((seed & 0xff) << 16) | 0x330e;
  }

  /** The next value: 31 bits, 0 to 2^31 - 1. */
  next(): number {
    const low = this.#low * 0xece66d + 0xb;
    const carry = Math.floor(low / 0x100_0000);
    // The multiplier is 0x5DE (upper half) and 0xECE66D (lower half); what goes beyond 48 bits is dropped.
    const high = this.#high * 0xece66d + this.#low * 0x5de + carry;
    this.#low = low % 0x100_0000;
    this.#high = high % 0x100_0000;
    return this.#high * 128 + (this.#low >>> 17);
  }
}

/** A uniform integer, 0 to `limit - 1`; `limit` at most 2^48 or so. */
export function randomBelow(limit: number): number {
  return Math.floor(Math.random() * limit);
}

/** A name nobody can guess, in lower-case hex digits (run ids and replication ids have 40). */
export function randomHexId(length: number): string {
  return randomBytes((length + 1) >>> 1)
    .toString("hex")
    .slice(0, length);
}
