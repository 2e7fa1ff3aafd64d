/** Makes a list of steps that shows something small: delta debugging, by leaving out ever smaller pieces. */
import type { Step } from "./commands.ts";

/** Time after which what is left is good enough. */
const PATIENCE_MS = 60_000;

/**
 * The fewest steps for which `shows` is still true. Unless `canLoseLast` the last step stays: it is the one whose reply
 * differs.
 */
export async function minimise(
  steps: readonly Step[],
  canLoseLast: boolean,
  shows: (steps: readonly Step[]) => Promise<boolean>,
): Promise<readonly Step[]> {
  const endMs = performance.now() + PATIENCE_MS;
  let left = steps;
  for (let size = Math.ceil(left.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = Math.max(0, left.length - size); ; at -= size) {
      const from = Math.max(0, at);
      const candidate = left.filter((_, i) => i < from || i >= at + size || (!canLoseLast && i === left.length - 1));
      if (candidate.length < left.length && candidate.length > 0 && (await shows(candidate))) left = candidate;
      if (from === 0 || performance.now() > endMs) break;
    }
    if (performance.now() > endMs) break;
  }
  return left;
}
