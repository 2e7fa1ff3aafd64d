/**
 * How long a writer has to wait while something large goes on: one client that sets a small key again and again, each time
 * after the reply to the last, and keeps the longest time that took. Connect it to another process than the one under
 * test, and what it waits for is the write lock (and, on a busy machine, the processor).
 */
import type { RespClient } from "./resp-client.ts";
import { waitUntil } from "./wait-until.ts";

export interface Stall {
  readonly longestMs: number;
  readonly sets: number;
  /** What `work` took, without the freeing in the background. */
  readonly workMs: number;
}

/** Runs `work` and then waits for the end of background freeing, with the probe going on all the time. */
export async function stallDuring(probe: RespClient, work: () => Promise<unknown>): Promise<Stall> {
  let longestMs = 0;
  let sets = 0;
  let isOver = false;
  const beat = async (): Promise<void> => {
    while (!isOver) {
      const start = performance.now();
      // After seconds of waiting for another command the server answers BUSY: the wait goes on.
      for (;;) {
        const reply = await probe.call("SET", "stall-probe", String(sets));
        if (reply === "OK") break;
        if (!String(reply).includes("BUSY")) throw reply;
      }
      longestMs = Math.max(longestMs, performance.now() - start);
      sets++;
    }
  };
  const beating = beat();
  let workMs = 0;
  try {
    // The probe is at work before the work begins.
    await waitUntil("the probe's first writes", () => sets >= 10);
    longestMs = 0;
    const start = performance.now();
    await work();
    workMs = performance.now() - start;
  } finally {
    isOver = true;
    await beating;
  }
  return { longestMs, sets, workMs };
}

/** Waits until nothing that was deleted is left to be freed. */
export async function freed(client: RespClient, timeoutMs = 120_000): Promise<void> {
  await waitUntil(
    "the end of background freeing",
    async () => String(await client.ok("INFO", "memory")).includes("lazyfree_pending_objects:0\r\n"),
    timeoutMs,
  );
}
