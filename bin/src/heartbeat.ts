/**
 * How a hung worker is told from a busy one. Each worker writes the time into its row of the shared counters twice a
 * second. One that holds the write lock and is silent hangs all writers: when it does not even use the processor (it was
 * stopped, or waits for something that does not come) it is ended soon; when it computes it may be a long command, and
 * gets much longer.
 */
import { readFileSync } from "node:fs";
import { COUNTER, type SharedState } from "@keydb-ts/core/contracts";
import { readOwner, type SharedRegion } from "@keydb-ts/shared-mem";

const BEAT_MS = 500;
const IDLE_SILENCE_MS = 15_000;
const BUSY_SILENCE_MS = 300_000;

export function startHeartbeat(shared: SharedState): void {
  const row = shared.counters(shared.slot);
  const beat = (): void => {
    row[COUNTER.heartbeat_ms] = Date.now();
  };
  beat();
  setInterval(beat, BEAT_MS).unref();
}

/** Looks at the lock's owner; call it about once a second. */
export class LockWatch {
  private readonly region: SharedRegion;
  private suspect = { pid: 0, ticks: 0, idleSinceMs: 0 };

  constructor(region: SharedRegion) {
    this.region = region;
  }

  /** The worker to be ended, with the reason for the log. */
  look(nowMs: number): { pid: number; reason: string }[] {
    const owner = readOwner(this.region);
    if (owner === null || owner.pid === 0) return [];
    const lastBeatMs = this.region.counters(owner.slot)[COUNTER.heartbeat_ms] ?? 0;
    const silentMs = nowMs - Math.max(lastBeatMs, owner.sinceMs);
    const ticks = cpuTicks(owner.pid);
    if (silentMs < BEAT_MS * 2 || owner.pid !== this.suspect.pid || ticks !== this.suspect.ticks) {
      this.suspect = { pid: owner.pid, ticks, idleSinceMs: nowMs };
    }
    const idleMs = nowMs - this.suspect.idleSinceMs;
    if (idleMs < IDLE_SILENCE_MS && silentMs < BUSY_SILENCE_MS) return [];
    return [
      { pid: owner.pid, reason: `holds the write lock and has not been heard of for ${Math.round(silentMs / 1000)} s` },
    ];
  }
}

/** Processor time of a process, in clock ticks; 0 when it is gone. */
function cpuTicks(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return 0;
  }
}
