/**
 * Which script each process is running, in the shared counters, so that any process can tell and stop it. A process
 * writes only its own row, but for `script_kill`.
 */
import { COUNTER } from "../ports/counters.ts";
import type { SharedState } from "../ports/shared-state.ts";

export const SCRIPT_KIND = { none: 0, eval: 1, function: 2 } as const;
export type ScriptKind = (typeof SCRIPT_KIND)[keyof typeof SCRIPT_KIND];

export interface RunningScript {
  readonly slot: number;
  readonly kind: ScriptKind;
  readonly startedMs: number;
  /** It has called a write command: what it did must not be torn. */
  readonly wrote: boolean;
}

export class ScriptStatus {
  private readonly shared: SharedState;
  private readonly own: Float64Array;

  constructor(shared: SharedState) {
    this.shared = shared;
    this.own = shared.counters(shared.slot);
  }

  begin(kind: ScriptKind, nowMs: number): void {
    const { own } = this;
    own[COUNTER.script_run] = (own[COUNTER.script_run] as number) + 1;
    own[COUNTER.script_kind] = kind;
    own[COUNTER.script_wrote] = 0;
    own[COUNTER.script_started_ms] = nowMs;
  }

  wrote(): void {
    this.own[COUNTER.script_wrote] = 1;
  }

  end(): void {
    this.own[COUNTER.script_started_ms] = 0;
  }

  /** Whether somebody wants the present run to end. */
  get killRequested(): boolean {
    return this.own[COUNTER.script_kill] === this.own[COUNTER.script_run];
  }

  /** The scripts running in all processes, the oldest first. */
  running(): RunningScript[] {
    const scripts: RunningScript[] = [];
    for (const slot of this.shared.liveSlots()) {
      const row = this.shared.counters(slot);
      const startedMs = row[COUNTER.script_started_ms] as number;
      if (startedMs === 0) continue;
      const kind = row[COUNTER.script_kind] as ScriptKind;
      scripts.push({ slot, kind, startedMs, wrote: row[COUNTER.script_wrote] === 1 });
    }
    return scripts.sort((a, b) => a.startedMs - b.startedMs);
  }

  kill({ slot }: RunningScript): void {
    const row = this.shared.counters(slot);
    row[COUNTER.script_kill] = row[COUNTER.script_run] as number;
  }
}
