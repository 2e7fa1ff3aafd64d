/**
 * Which script each process is running, in the shared counters, so that any process can tell and stop it. A process
 * writes only its own row, but for `script_kill`.
 */
import { COUNTER, SCRIPT_TEXT_BYTES } from "../ports/counters.ts";
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

  wrote(): void {
    this.own[COUNTER.script_wrote] = 1;
  }

  end(): void {
    this.own[COUNTER.script_started_ms] = 0;
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
