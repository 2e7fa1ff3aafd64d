/**
 * Which script each process is running, in the shared counters, so that any process can tell and stop it. A process
 * writes only its own row, but for `script_kill`.
 */
import { COUNTER, SCRIPT_TEXT_BYTES, SHARED_WORD } from "../ports/counters.ts";
import type { SharedState } from "../ports/shared-state.ts";

export const SCRIPT_KIND = { none: 0, eval: 1, function: 2 } as const;
export type ScriptKind = (typeof SCRIPT_KIND)[keyof typeof SCRIPT_KIND];

export interface RunningScript {
  readonly slot: number;
  readonly kind: ScriptKind;
  readonly startedMs: number;
  /** It has called a write command: what it did must not be torn. */
  readonly wrote: boolean;
  /** It has run for longer than `busy-reply-threshold`. */
  readonly isSlow: boolean;
}

interface Description {
  readonly run: number;
  readonly name: string;
  readonly args: readonly string[];
}

export class ScriptStatus {
  private readonly shared: SharedState;
  private readonly own: Float64Array;
  private readonly text: Uint8Array;

  constructor(shared: SharedState) {
    this.shared = shared;
    this.own = shared.counters(shared.slot);
    this.text = shared.scriptText(shared.slot);
  }

  begin(kind: ScriptKind, nowMs: number): void {
    const { own } = this;
    own[COUNTER.script_run] = (own[COUNTER.script_run] as number) + 1;
    own[COUNTER.script_kind] = kind;
    own[COUNTER.script_wrote] = 0;
    own[COUNTER.script_started_ms] = nowMs;
  }

  /** The running script is about to write: from now on it must not be killed. False: it was killed before. */
  wrote(): boolean {
    this.own[COUNTER.script_wrote] = 1;
    if (!this.killRequested) return true;
    this.own[COUNTER.script_wrote] = 0;
    return false;
  }

  /** The running script has passed `busy-reply-threshold`; `holdsLock`: writes of all processes wait for it. */
  slow(holdsLock: boolean): void {
    this.own[COUNTER.script_slow] = 1;
    if (holdsLock) Atomics.store(this.shared.words, SHARED_WORD.slow_script_slot, this.shared.slot + 1);
  }

  end(): void {
    const { own, shared } = this;
    own[COUNTER.script_started_ms] = 0;
    if (own[COUNTER.script_slow] === 0) return;
    own[COUNTER.script_slow] = 0;
    Atomics.compareExchange(shared.words, SHARED_WORD.slow_script_slot, shared.slot + 1, 0);
  }

  /** The slow script that holds the write lock, of whatever process. One load when there is none. */
  lockHolder(): RunningScript | null {
    const { shared } = this;
    const slot = Atomics.load(shared.words, SHARED_WORD.slow_script_slot) - 1;
    // The word may be left over from a process that has died: its row tells.
    if (slot < 0 || shared.pidOf(slot) === 0) return null;
    const script = this.scriptOf(slot);
    return script?.isSlow === true ? script : null;
  }

  private scriptOf(slot: number): RunningScript | null {
    const row = this.shared.counters(slot);
    const startedMs = row[COUNTER.script_started_ms] as number;
    if (startedMs === 0) return null;
    const kind = row[COUNTER.script_kind] as ScriptKind;
    return { slot, kind, startedMs, wrote: row[COUNTER.script_wrote] === 1, isSlow: row[COUNTER.script_slow] === 1 };
  }

  /** Tells the other processes what the running script is. Long arguments are shortened. */
  describe(name: string, args: readonly Buffer[]): void {
    const shown: string[] = [];
    let room = SCRIPT_TEXT_BYTES / 4;
    for (const arg of args) {
      const text = arg.latin1Slice(0, Math.min(arg.length, 128));
      const rest = arg.length > 128 ? `... (${arg.length - 128} more bytes)` : "";
      room -= text.length + rest.length;
      if (room < 0) {
        shown.push(`... (${args.length - shown.length} more arguments)`);
        break;
      }
      shown.push(text + rest);
    }
    const json = Buffer.from(JSON.stringify({ run: this.own[COUNTER.script_run], name, args: shown }), "latin1");
    if (json.length > SCRIPT_TEXT_BYTES - 2) return;
    this.text.set(json, 2);
    this.text[0] = json.length & 0xff;
    this.text[1] = json.length >> 8;
  }

  /** What `describe` told of a script; null when it has not run for long yet. */
  description({ slot }: RunningScript): { name: string; args: Buffer[] } | null {
    const text = this.shared.scriptText(slot);
    const length = (text[0] as number) | ((text[1] as number) << 8);
    try {
      const told = JSON.parse(Buffer.from(text.slice(2, 2 + length)).latin1Slice()) as Description;
      if (told.run !== this.shared.counters(slot)[COUNTER.script_run]) return null;
      return { name: told.name, args: told.args.map((arg) => Buffer.from(arg, "latin1")) };
    } catch {
      // Nothing was told yet, or it is just being written.
      return null;
    }
  }

  /** Whether the present run is to end. Who asked for it may have seen it just before its first write: that stays whole. */
  get isKilled(): boolean {
    return this.killRequested && this.own[COUNTER.script_wrote] === 0;
  }

  /** Whether somebody asked for the end of the run that is under way, or was last. */
  get killRequested(): boolean {
    return this.own[COUNTER.script_kill] === this.own[COUNTER.script_run];
  }

  /** The scripts running in all processes: slow ones first, then the oldest. */
  running(): RunningScript[] {
    return this.shared
      .liveSlots()
      .flatMap((slot) => this.scriptOf(slot) ?? [])
      .sort((a, b) => Number(b.isSlow) - Number(a.isSlow) || a.startedMs - b.startedMs);
  }

  kill({ slot }: RunningScript): void {
    const row = this.shared.counters(slot);
    row[COUNTER.script_kill] = row[COUNTER.script_run] as number;
  }
}
