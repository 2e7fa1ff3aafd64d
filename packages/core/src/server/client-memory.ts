/**
 * `maxmemory-clients`: when the buffers and states of all clients of all processes together reach the limit, the largest
 * clients are cut off until they do not. Each process keeps the sum of its clients' memory, and the largest client that
 * may be cut off, where all see them. Whoever notices that the limit is reached cuts off its own largest client if none
 * of another process is larger, else tells that process; so the order is right over all processes.
 *
 * Only there while a limit is set: Engine.memory is null otherwise.
 */
import type { Bus } from "../ports/bus.ts";
import type { Config } from "../ports/config.ts";
import { COUNTER } from "../ports/counters.ts";
import type { Host } from "../ports/host.ts";
import type { SharedState } from "../ports/shared-state.ts";
import type { Session } from "../session/session.ts";

const EVICT = "clients.evict";
/** A process that was told to cut off a client is not told again for so long. */
const TOLD_MS = 5;
/** A lower limit would keep everybody from talking to the server (as in Redis). */
const LEAST_LIMIT = 128 * 1024;

export interface ClientMemoryParts {
  readonly bus: Bus;
  readonly config: Config;
  readonly shared: SharedState;
  readonly host: Host;
  readonly sessions: ReadonlyMap<number, Session>;
  /** A client's line in CLIENT LIST, for the log. */
  describe(session: Session): string;
  kill(session: Session): void;
}

/** The limit in bytes, 0 when there is none. */
export function clientMemoryLimit(config: Config): number {
  const limit = config.number("maxmemory-clients");
  const maxMemory = config.number("maxmemory");
  if (limit === 0 || (limit < 0 && maxMemory === 0)) return 0;
  return Math.max(limit < 0 ? Math.floor((maxMemory * -limit) / 100) : limit, LEAST_LIMIT);
}

/** What the session takes between commands. */
function lastingBytes(session: Session): number {
  return session.memoryBytes - (session.client.waiting === "block" ? 0 : session.commandBytes);
}

export class ClientMemory {
  /** Bytes; 0: none. */
  limit = 0;
  private readonly parts: ClientMemoryParts;
  private readonly counters: Float64Array;
  /** Counters of all processes that live, this one first. */
  private rows: ReadonlyArray<{ slot: number; counters: Float64Array }> = [];
  private toldMs = 0;
  private saidHelpless = false;

  constructor(parts: ClientMemoryParts) {
    this.parts = parts;
    this.counters = parts.shared.counters(parts.shared.slot);
    parts.bus.on(EVICT, () => this.enforce());
    parts.bus.onPeers(() => this.findRows());
  }

  private findRows(): void {
    const { bus, shared } = this.parts;
    this.rows = [shared.slot, ...bus.peers()].map((slot) => ({ slot, counters: shared.counters(slot) }));
  }

  /** Sums everything up anew and looks at the limit: when one was set, periodically, and before clients are listed. */
  recount(): void {
    if (this.limit === 0) return;
    this.findRows();
    let sum = 0;
    for (const session of this.parts.sessions.values()) {
      if (session.notedBytes >= 0) session.notedBytes = lastingBytes(session);
      sum += Math.max(0, session.notedBytes);
    }
    this.counters[COUNTER.mem_clients_normal] = sum;
    this.findLargest();
    this.enforce();
  }

  /** The session's memory may have changed. */
  note(session: Session): void {
    if (session.notedBytes < 0) return;
    const bytes = lastingBytes(session);
    this.add(bytes - session.notedBytes);
    session.notedBytes = bytes;
    if (!session.client.noEvict && bytes > (this.counters[COUNTER.largest_client_bytes] as number)) {
      this.counters[COUNTER.largest_client_bytes] = bytes;
    }
  }

  /** As `note`, between turns. */
  grown(session: Session): void {
    this.note(session);
    this.enforce();
  }

  /** The session is about to end: it does not count any more. */
  forget(session: Session): void {
    this.add(-Math.max(0, session.notedBytes));
    session.notedBytes = -1;
  }

  private add(bytes: number): void {
    const { counters } = this;
    counters[COUNTER.mem_clients_normal] = Math.max(0, (counters[COUNTER.mem_clients_normal] as number) + bytes);
  }

  private findLargest(): Session | null {
    let largest: Session | null = null;
    for (const session of this.parts.sessions.values()) {
      if (session.notedBytes < 0 || session.client.noEvict) continue;
      if (largest === null || session.notedBytes > largest.notedBytes) largest = session;
    }
    this.counters[COUNTER.largest_client_bytes] = largest?.notedBytes ?? 0;
    return largest;
  }

  private get isReached(): boolean {
    let sum = 0;
    for (const { counters } of this.rows) sum += counters[COUNTER.mem_clients_normal] as number;
    return sum >= this.limit;
  }

  /** Cuts off clients of this process while the limit is reached and no other process has a larger one. */
  enforce(): void {
    if (this.limit === 0) return;
    while (this.isReached) {
      const largest = this.findLargest();
      const [other = null] = this.rows
        .filter(({ slot }) => slot !== this.parts.shared.slot)
        .map(({ slot, counters }) => ({ slot, bytes: counters[COUNTER.largest_client_bytes] as number }))
        .sort((a, b) => b.bytes - a.bytes || a.slot - b.slot);
      const ownBytes = largest?.notedBytes ?? 0;
      if (
        other !== null &&
        (other.bytes > ownBytes || (other.bytes === ownBytes && other.slot < this.parts.shared.slot))
      ) {
        if (other.bytes > 0) this.tell(other.slot);
        else this.sayHelpless();
        return;
      }
      if (largest === null) {
        this.sayHelpless();
        return;
      }
      this.evict(largest);
    }
    this.saidHelpless = false;
  }

  private evict(session: Session): void {
    const { host, describe, kill } = this.parts;
    host.log("notice", `Evicting client: ${describe(session)}`);
    this.counters[COUNTER.evicted_clients] = (this.counters[COUNTER.evicted_clients] as number) + 1;
    this.forget(session);
    kill(session);
    this.findLargest();
  }

  private tell(slot: number): void {
    const nowMs = performance.now();
    if (nowMs - this.toldMs < TOLD_MS) return;
    this.toldMs = nowMs;
    this.parts.bus.send(slot, EVICT, null);
  }

  private sayHelpless(): void {
    if (this.saidHelpless) return;
    this.saidHelpless = true;
    this.parts.host.log("warning", "Over client maxmemory after evicting all evictable clients");
  }
}
