/**
 * The slow log. Each process keeps the entries of its own clients; ids come from one shared counter, so the log of the
 * server is what all processes keep, by id. Which ids are still kept is one shared word: emptying and trimming cost
 * nothing, and every process drops its old entries when it next looks.
 */
import type { Context } from "../command/context.ts";
import type { Slowlog, SlowlogEntry } from "../command/introspection.ts";
import type { Bus } from "../ports/bus.ts";
import type { Config } from "../ports/config.ts";
import { SHARED_WORD64 } from "../ports/counters.ts";
import type { SharedState } from "../ports/shared-state.ts";

const TOPIC = "slowlog";
const ANSWER_TIMEOUT_MS = 1000;
/** Redis' SLOWLOG_ENTRY_MAX_ARGC and SLOWLOG_ENTRY_MAX_STRING. */
const MAX_ARGS = 32;
const MAX_ARG_BYTES = 128;
const REDACTED = Buffer.from("(redacted)");

export class ServerSlowlog implements Slowlog {
  /** `slowlog-log-slower-than` in microseconds; Infinity when off. */
  thresholdUsec = Number.POSITIVE_INFINITY;
  private readonly config: Config;
  private readonly shared: SharedState;
  private readonly bus: Bus;
  /** Newest last. */
  private entries: SlowlogEntry[] = [];

  constructor(config: Config, shared: SharedState, bus: Bus) {
    this.config = config;
    this.shared = shared;
    this.bus = bus;
    bus.on(TOPIC, (limit) => this.own().slice(0, Number(limit)));
    this.applyConfig();
    config.onChange("slowlog-log-slower-than", () => this.applyConfig());
    config.onChange("slowlog-max-len", () => this.applyConfig());
  }

  private applyConfig(): void {
    const usec = this.config.number("slowlog-log-slower-than");
    this.thresholdUsec = usec < 0 ? Number.POSITIVE_INFINITY : usec;
    if (usec >= 0) this.trim();
  }

  /** Logs the command that just ran. */
  add(context: Context, usec: number): void {
    const id = Number(Atomics.add(this.shared.words64, SHARED_WORD64.next_slowlog_id, 1n));
    const { client } = context;
    this.entries.push({
      id,
      unixSeconds: Math.floor(context.nowMs / 1000),
      usec: Math.floor(usec),
      args: trimmedArgs(context),
      address: client.address,
      clientName: client.name,
    });
    this.trim();
    if (this.entries.length > 2 * this.config.number("slowlog-max-len") + 64) this.own();
  }

  /** Moves the oldest kept id so that at most `slowlog-max-len` ids are kept. */
  private trim(): void {
    const { words64 } = this.shared;
    const maxLength = BigInt(this.config.number("slowlog-max-len"));
    const wanted = Atomics.load(words64, SHARED_WORD64.next_slowlog_id) - maxLength;
    this.raiseFirst(wanted);
  }

  private raiseFirst(wanted: bigint): void {
    const { words64 } = this.shared;
    for (;;) {
      const first = Atomics.load(words64, SHARED_WORD64.first_slowlog_id);
      if (first >= wanted) return;
      if (Atomics.compareExchange(words64, SHARED_WORD64.first_slowlog_id, first, wanted) === first) return;
    }
  }

  own(): SlowlogEntry[] {
    const first = Number(Atomics.load(this.shared.words64, SHARED_WORD64.first_slowlog_id));
    if (this.entries.length > 0 && (this.entries[0] as SlowlogEntry).id < first) {
      this.entries = this.entries.filter((entry) => entry.id >= first);
    }
    return this.entries.toReversed();
  }

  askPeers(limit: number): Promise<unknown[]> | null {
    return this.bus.peers().length === 0 ? null : this.bus.requestAll(TOPIC, limit, ANSWER_TIMEOUT_MS);
  }

  merge(answers: unknown, limit: number): SlowlogEntry[] {
    const first = Number(Atomics.load(this.shared.words64, SHARED_WORD64.first_slowlog_id));
    const entries = this.own();
    for (const answer of (answers ?? []) as SlowlogEntry[][]) entries.push(...answer);
    return entries
      .filter((entry) => entry.id >= first)
      .sort((a, b) => b.id - a.id)
      .slice(0, limit);
  }

  reset(): void {
    this.raiseFirst(Atomics.load(this.shared.words64, SHARED_WORD64.next_slowlog_id));
  }
}

function trimmedArgs(context: Context): Buffer[] {
  const { args, command } = context;
  const hidden = command.spec.sensitiveArgs?.(args, context.server.config) ?? [];
  const shown = Math.min(args.count, MAX_ARGS);
  const trimmed: Buffer[] = [];
  for (let i = 0; i < shown; i++) {
    const length = args.length(i);
    if (shown < args.count && i === shown - 1) {
      trimmed.push(Buffer.from(`... (${args.count - shown + 1} more arguments)`));
    } else if (hidden.includes(i)) {
      trimmed.push(REDACTED);
    } else if (length > MAX_ARG_BYTES) {
      const head = args.bytes(i).subarray(0, MAX_ARG_BYTES);
      trimmed.push(Buffer.concat([head, Buffer.from(`... (${length - MAX_ARG_BYTES} more bytes)`)]));
    } else {
      trimmed.push(args.copy(i));
    }
  }
  return trimmed;
}
