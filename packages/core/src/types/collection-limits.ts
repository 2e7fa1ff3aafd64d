/** Up to where collections stay small: the directives `hash-max-*` and `set-max-*`, as Redis counts them. */

export interface HashLimits {
  /** hash-max-listpack-entries */
  readonly maxEntries: number;
  /** hash-max-listpack-value, bytes */
  readonly maxValue: number;
}

export interface SetLimits {
  /** set-max-intset-entries; never above 2^30, as in Redis */
  readonly maxIntset: number;
  /** set-max-listpack-entries */
  readonly maxEntries: number;
  /** set-max-listpack-value, bytes */
  readonly maxValue: number;
}

/**
 * Longest packed payload, bytes: it must fit a record of the store together with its header. Beyond it a collection is a
 * hashtable whatever the directives allow.
 */
export const PACKED_BYTES_MAX = (1 << 20) - 128;
