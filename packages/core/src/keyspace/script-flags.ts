/** Flags that scripts and functions declare; the bits are stored with function libraries: append only. */
export const SCRIPT_FLAG = { noWrites: 1, allowOom: 2, allowStale: 4, noCluster: 8, allowCrossSlotKeys: 16 } as const;

/** Names in Redis' order, with their bits. */
export const SCRIPT_FLAG_NAMES: readonly (readonly [name: string, bit: number])[] = [
  ["no-writes", SCRIPT_FLAG.noWrites],
  ["allow-oom", SCRIPT_FLAG.allowOom],
  ["allow-stale", SCRIPT_FLAG.allowStale],
  ["no-cluster", SCRIPT_FLAG.noCluster],
  ["allow-cross-slot-keys", SCRIPT_FLAG.allowCrossSlotKeys],
];

/** The bit of a flag's name; 0 when there is no such flag. */
export function scriptFlagBit(name: string): number {
  return SCRIPT_FLAG_NAMES.find(([flag]) => flag === name)?.[1] ?? 0;
}
