/**
 * When a key was last used, for OBJECT IDLETIME and FREQ and for eviction: a table in shared memory indexed by the key's
 * hash, so that a read writes no record. Keys that share a slot share the answer (2^20 slots).
 *
 * Word: seconds (LRU, 24 bits) or minutes (LFU, 16 bits) << 8 | LFU counter (8 bits).
 */
export class AccessClock {
  /** Whether maxmemory-policy is an LFU one. */
  lfu: boolean;
  lfuLogFactor: number;
  lfuDecayMinutes: number;
  /** Called before an LFU word changes by a use; null: nobody may want it back. */
  overwritten: ((words: Uint32Array, at: number) => void) | null = null;
  private readonly words: Uint32Array;
  private readonly mask: number;

  constructor(words: Uint32Array) {
    this.words = words;
    this.mask = words.length - 1;
    this.lfu = false;
    this.lfuLogFactor = 10;
    this.lfuDecayMinutes = 1;
  }

  /** Notes a use of the key with this hash. */
  touch(hash: number, nowMs: number): void {
    if (this.lfu) this.touchLfu(hash, nowMs);
    else this.words[hash & this.mask] = (((nowMs / 1000) & 0xffffff) << 8) >>> 0;
  }

  /** Redis' LFULogIncr after decay: the counter grows with falling probability. */
  private touchLfu(hash: number, nowMs: number): void {
    let counter = this.frequency(hash, nowMs);
    if (counter < 255) {
      const base = counter > LFU_INIT ? counter - LFU_INIT : 0;
      if (Math.random() < 1 / (base * this.lfuLogFactor + 1)) counter++;
    }
    if (this.overwritten !== null) this.overwritten(this.words, hash & this.mask);
    this.words[hash & this.mask] = ((((nowMs / 60000) & 0xffff) << 8) | counter) >>> 0;
  }

  /** A key was created: LFU starts at Redis' LFU_INIT_VAL. */
  create(hash: number, nowMs: number): void {
    if (this.lfu) this.words[hash & this.mask] = ((((nowMs / 60000) & 0xffff) << 8) | LFU_INIT) >>> 0;
    else this.touch(hash, nowMs);
  }

  /** Seconds since the last use. */
  idleSeconds(hash: number, nowMs: number): number {
    const word = this.words[hash & this.mask] as number;
    if (word === 0) return 0;
    return (Math.floor(nowMs / 1000) - (word >>> 8)) & 0xffffff;
  }

  /** As `idleSeconds`, for eviction: a key that was not used since the server started counts as unused for longest. */
  unusedSeconds(hash: number, nowMs: number): number {
    return this.words[hash & this.mask] === 0 ? 0xffffff : this.idleSeconds(hash, nowMs);
  }

  /** LFU counter after decay. */
  frequency(hash: number, nowMs: number): number {
    const word = this.words[hash & this.mask] as number;
    const elapsed = (Math.floor(nowMs / 60000) - (word >>> 8)) & 0xffff;
    const periods = this.lfuDecayMinutes > 0 ? Math.floor(elapsed / this.lfuDecayMinutes) : 0;
    return Math.max(0, (word & 255) - periods);
  }

  /** A key got another name: its history goes with it. */
  transfer(fromHash: number, toHash: number): void {
    this.words[toHash & this.mask] = this.words[fromHash & this.mask] as number;
  }

  /** Sets idle time or frequency (RESTORE's IDLETIME and FREQ). */
  restore(hash: number, nowMs: number, idleSeconds: number | null, frequency: number | null): void {
    if (frequency !== null && this.lfu) {
      this.words[hash & this.mask] = ((((nowMs / 60000) & 0xffff) << 8) | frequency) >>> 0;
    } else if (idleSeconds !== null && !this.lfu) {
      this.words[hash & this.mask] = (((nowMs / 1000 - idleSeconds) & 0xffffff) << 8) >>> 0;
    }
  }
}
const LFU_INIT = 5;
