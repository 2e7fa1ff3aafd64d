/**
 * CLIENT PAUSE over all processes: mode and end lie in shared memory, each process holds back its own sessions. A held
 * session has consumed nothing of the command that was held; it runs again when the pause ends.
 */
import type { MultiState } from "../command/client.ts";
import type { Context } from "../command/context.ts";
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

  /**
   * Whether the present pause forbids the command in `context.args` to its client now. Needs a snapshot or a txn.
   * `isResumed`: the command has waited for other processes.
   */
  holds(command: Command, context: Context, isResumed: boolean): boolean {
    const multi = command.spec.runsQueue === true ? context.client.multi : null;
    // The pause that it waited for was its own, and holds from its end on.
    if (isResumed && (multi === null ? isPause(command) : multi.queue.some((queued) => isPause(queued.command)))) {
      return false;
    }
    if (this.mode === PAUSE_MODE.all) return true;
    // As in Redis, a command that is only to be queued is held too.
    if (multi === null) return mayReplicate(command, context);
    return queueMayReplicate(multi, context);
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

function isPause(command: Command): boolean {
  return command.fullName === "client|pause";
}

/** A script may say that it writes nothing: then it is no matter that keeping it for all processes takes a write txn. */
function mayReplicate(command: Command, { args, server }: Context): boolean {
  return command.spec.mayReplicateBy?.(args, server) ?? (command.isWrite || command.mayReplicate);
}

function queueMayReplicate({ queue }: MultiState, context: Context): boolean {
  const exec = context.args.save();
  const may = queue.some(({ command, args }) => {
    context.args.load(args);
    return mayReplicate(command, context);
  });
  context.args.load(exec);
  return may;
}
