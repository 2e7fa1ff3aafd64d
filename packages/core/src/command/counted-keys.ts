/**
 * Keys behind a count that the key specs cannot follow, as Redis' genericGetKeys finds them: its count is C's atoi (" 2x"
 * is 2), a destination comes last, and what is done with the keys is not told. The command itself refuses such a count;
 * COMMAND GETKEYS and the access rules see the keys.
 */
import { INT64_MAX, INT64_MIN } from "../base/numbers.ts";
import type { Args } from "../resp/args.ts";
import type { CommandSpec, KeyReference } from "./command-spec.ts";

/** For a command with the count in argument `countAt`, its keys behind it, and perhaps a destination in `storeAt`. */
export function countedKeys(countAt: number, storeAt = 0): NonNullable<CommandSpec["keysBy"]> {
  return (args) => {
    const firstKey = countAt + 1;
    const count = countAt < args.count ? leadingInt32(args, countAt) : 0;
    if (count < 1 || count > args.count - firstKey) return [];
    const keys: KeyReference[] = [];
    for (let i = 0; i < count; i++) keys.push({ index: firstKey + i, flags: [] });
    if (storeAt > 0) keys.push({ index: storeAt, flags: [] });
    return keys;
  };
}

function leadingInt32(args: Args, i: number): number {
  const digits = /^[\t-\r ]*([+-]?\d+)/.exec(args.latin1(i))?.[1];
  if (digits === undefined) return 0;
  const value = BigInt(digits.replace("+", ""));
  return Number(BigInt.asIntN(32, value > INT64_MAX ? INT64_MAX : value < INT64_MIN ? INT64_MIN : value));
}
