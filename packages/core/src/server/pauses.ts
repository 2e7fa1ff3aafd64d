/**
 * CLIENT PAUSE over all processes: mode and end lie in shared memory, each process holds back its own sessions. A held
 * session has consumed nothing of the command that was held; it runs again when the pause ends.
 */
import type { Client } from "../command/client.ts";
import type { Access } from "../command/command-spec.ts";
import type { Command } from "../command/define-command.ts";
import { COUNTER, SHARED_WORD, SHARED_WORD64 } from "../ports/counters.ts";
import type { SharedState } from "../ports/shared-state.ts";
import type { Session } from "../session/session.ts";

export const PAUSE_MODE = { none: 0, write: 1, all: 2 } as const;

export class Pauses {
  /** Whether any pause is in force; one branch on the hot path. */
  active = false;
  private mode: number = PAUSE_MODE.none;
  private readonly held: Set<Session> = new Set();
  private readonly shared: SharedState;
  private timer: NodeJS.Timeout | null = null;
  /** Called with each session that may go on; set by the engine's maker. */
  release: (session: Session) => void = () => {};

  constructor(shared: SharedState) {
    this.shared = shared;
  }

  /** Looks at the shared words again: after CLIENT PAUSE/UNPAUSE in any process, and when a pause ends. */
  refresh(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.mode = Atomics.load(this.shared.words, SHARED_WORD.pause_mode);
    const end = Number(Atomics.load(this.shared.words64, SHARED_WORD64.pause_end_ms));
    const left = end - Date.now();
    this.active = this.mode !== PAUSE_MODE.none && left > 0;
    if (this.active) {
      this.timer = setTimeout(() => this.refresh(), Math.min(left, 2 ** 31 - 1));
      this.timer.unref();
    }
    // After a change of mode some may run: each tries again and is held anew if it must be.
    const sessions = [...this.held];
    this.held.clear();
    this.countBlocked(-sessions.length);
    for (const session of sessions) this.release(session);
  }

  /** Whether the present pause forbids the command, which would run with this access, to the client now. */
  holds(command: Command, client: Client, access: Access): boolean {
    if (this.mode === PAUSE_MODE.all) return true;
    // A script may say that it writes nothing: its access tells.
    if (isScript(command)) return access === "write";
    if (mayReplicate(command)) return true;
    const { multi } = client;
    if (multi === null || command.spec.runsQueue !== true) return false;
    const mayPublish = multi.queue.some(({ command: queued }) => mayReplicate(queued) && !isScript(queued));
    return multi.access === "write" || mayPublish;
  }

  /** Held clients count as blocked, as in Redis. */
  private countBlocked(by: number): void {
    const counters = this.shared.counters(this.shared.slot);
    counters[COUNTER.blocked_clients] = (counters[COUNTER.blocked_clients] as number) + by;
  }

  add(session: Session): void {
    session.client.waiting = "pause";
    this.held.add(session);
    this.countBlocked(1);
  }

  remove(session: Session): void {
    if (this.held.delete(session)) this.countBlocked(-1);
  }

  /** Expiry and eviction stand still while writes are paused. */
  get writesPaused(): boolean {
    return this.active;
  }

  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
  }
}

function isScript(command: Command): boolean {
  return command.spec.group === "scripting" && command.accessBy !== null;
}

function mayReplicate(command: Command): boolean {
  return command.isWrite || command.spec.flags.includes("may_replicate");
}
