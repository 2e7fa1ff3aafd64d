/**
 * Moving clients between processes: the giver stops reading, sends the socket with the client's record, and forgets the
 * client once the taker says that it has arrived. Bytes that the client sends meanwhile wait in the kernel.
 *
 * Until then, and for the questions that were asked before then, the giver answers for the client, since the taker may
 * have been asked before the arrival: so CLIENT LIST and KILL never miss a client because it moves.
 */
import type { Client } from "../command/client.ts";
import type { Registry } from "../command/registry.ts";
import type { Bus } from "../ports/bus.ts";
import type { Connection } from "../ports/connection.ts";
import { COUNTER } from "../ports/counters.ts";
import { type ClientRecord, clientOf, recordOf } from "../session/client-record.ts";
import type { Session } from "../session/session.ts";

const ARRIVED = "moves.arrived";
/** A client that has not arrived after this time went down with its taker, or was cut off on the way. */
const LOST_MS = 5_000;
/** Questions of other processes are not older than this. */
const REMEMBER_MS = 5_000;
/** A new client may be gone again at once, and one that was just moved should not be moved on. */
const SETTLE_MS = 1_000;

/** A client that was given away. */
interface Departure {
  readonly session: Session;
  readonly slot: number;
  readonly leftMs: number;
  /** When it was known to have arrived; 0: it is on its way. */
  arrivedMs: number;
  /** Told the process that it arrived at; null when it was lost. */
  readonly waiting: Array<(slot: number | null) => void>;
}

export interface ClientMovesParts {
  readonly bus: Bus;
  readonly registry: Registry;
  /** This process' counters. */
  readonly counters: Float64Array;
  readonly sessions: Map<number, Session>;
  /** Makes a session of a client that is known already. */
  admit(client: Client, connection: Connection): Session;
  passwordRequired(): boolean;
}

interface Arrival {
  readonly from: number;
  readonly client: ClientRecord;
}

export class ClientMoves {
  private readonly parts: ClientMovesParts;
  private readonly departures: Map<number, Departure> = new Map();

  constructor(parts: ClientMovesParts) {
    this.parts = parts;
    parts.bus.on(ARRIVED, (id, from) => this.arrived(id as number, from));
  }

  /**
   * Whether the client could be moved but for what it is just doing. Subscribers, trackers, monitors, blocked clients and
   * those in a transaction stay: others know of them, or the present process has state of theirs.
   */
  isMovable(session: Session, nowMs: number): boolean {
    const { client } = session;
    return (
      nowMs - session.openedMs >= SETTLE_MS &&
      client.multi === null &&
      client.watched === null &&
      client.subscriptions === null &&
      client.tracking === null &&
      !client.isMonitor &&
      !client.isRedirectTarget &&
      !client.closeAfterReply
    );
  }

  /**
   * Gives a client to another process; resolves with that process' slot when it has arrived (perhaps elsewhere), with null
   * when it was lost on the way. Null at once: it cannot go now.
   */
  give(session: Session, slot: number, nowMs: number): Promise<number | null> | null {
    const { client, connection } = session;
    const { bus, sessions } = this.parts;
    if (!session.isQuiet || !this.isMovable(session, nowMs)) return null;
    const arrival: Arrival = { from: bus.self, client: recordOf(client) };
    if (!connection.moveTo(slot, arrival)) return null;
    session.closed = true;
    sessions.delete(client.id);
    const departure: Departure = { session, slot, leftMs: nowMs, arrivedMs: 0, waiting: [] };
    this.departures.set(client.id, departure);
    return new Promise((resolve) => departure.waiting.push(resolve));
  }

  /** Takes a client that another process gave away. */
  adopt(connection: Connection, state: unknown): Session {
    const { from, client: record } = state as Arrival;
    const { bus, registry, counters, admit, passwordRequired } = this.parts;
    const client = clientOf(record, connection, registry);
    // The password may have been taken away while the client was on its way.
    if (!passwordRequired()) client.authenticated = true;
    const session = admit(client, connection);
    counters[COUNTER.moved_clients] = (counters[COUNTER.moved_clients] as number) + 1;
    // A process that could not reach its taker may get its own client back.
    if (from === bus.self) this.arrived(client.id, from);
    else bus.send(from, ARRIVED, client.id);
    return session;
  }

  private arrived(id: number, slot: number): void {
    const departure = this.departures.get(id);
    if (departure === undefined || departure.arrivedMs !== 0) return;
    departure.arrivedMs = Date.now();
    this.settle(departure, slot);
  }

  private settle(departure: Departure, slot: number | null): void {
    // Counted here until now: INFO may count it twice for a moment, but never misses it.
    const { counters } = this.parts;
    counters[COUNTER.connected_clients] = (counters[COUNTER.connected_clients] as number) - 1;
    for (const resolve of departure.waiting.splice(0)) resolve(slot);
  }

  /** Periodic work: forgets what nobody can ask for any more. */
  tick(nowMs: number): void {
    for (const [id, departure] of this.departures) {
      if (departure.arrivedMs === 0) {
        if (nowMs - departure.leftMs < LOST_MS) continue;
        this.settle(departure, null);
      } else if (nowMs - departure.arrivedMs < REMEMBER_MS) continue;
      this.departures.delete(id);
    }
  }

  /** The clients that had not arrived elsewhere at the time of a question, with where they were sent. */
  awayAt(askedMs: number): Array<{ session: Session; slot: number }> {
    const away: Array<{ session: Session; slot: number }> = [];
    for (const { session, slot, arrivedMs } of this.departures.values()) {
      if (arrivedMs === 0 || arrivedMs >= askedMs) away.push({ session, slot });
    }
    return away;
  }

  /** Where a client is that had not arrived at the time of a question, once it is there. Null: none such was given away. */
  follow(id: number, askedMs: number): Promise<number | null> | null {
    const departure = this.departures.get(id);
    if (departure === undefined) return null;
    if (departure.arrivedMs !== 0) return departure.arrivedMs >= askedMs ? Promise.resolve(departure.slot) : null;
    return new Promise((resolve) => departure.waiting.push(resolve));
  }
}
