/**
 * The `server-thread-affinity` directive: one processor per worker, from the first one this server may use, or from the
 * n-th (counted from 1) on. Null when the kernel shall decide.
 */
export function workerCpus(affinity: string, allowed: readonly number[]): number[] | null {
  if (affinity === "no" || allowed.length === 0) return null;
  const first = affinity === "yes" ? 0 : (Number(affinity) - 1) % allowed.length;
  return [...allowed.slice(first), ...allowed.slice(0, first)];
}
