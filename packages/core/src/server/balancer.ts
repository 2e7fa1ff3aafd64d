/**
 * `active-client-balancing`: spreads the clients evenly over the processes while the server runs. The leader alone
 * decides, one round after the other, and looks at the counts again only when all clients of the last round have
 * arrived: so no decision is made on figures that are about to change, and nothing swings to and fro. Each process
 * picks the clients it gives away, active and idle ones in the proportion in which it has them.
 */
import type { Bus } from "../ports/bus.ts";
import type { Config } from "../ports/config.ts";
import { COUNTER } from "../ports/counters.ts";
import { isOccupied, type SharedState } from "../ports/shared-state.ts";
import type { Session } from "../session/session.ts";
import { type Load, type Move, planMoves } from "./balance-plan.ts";
import type { ClientMoves } from "./client-moves.ts";

const GIVE = "balancer.give";
/** Rounds begin at most so often, and a process gives at most so many clients in one: 250 clients a second. */
const ROUND_MS = 200;
const ROUND_CLIENTS = 50;
/** Clients of one process that are on their way at once. More would wait, unserved, for their turn. */
const UNDER_WAY = 4;
/** A round is over after this time, whoever has not answered. */
const ROUND_MAX_MS = 10_000;
/** After a round in which no client could go. */
const FRUITLESS_MS = 2_000;
/** A client that had a command within this time is active. */
const ACTIVE_MS = 1_000;

export interface BalancerParts {
  readonly bus: Bus;
  readonly config: Config;
  readonly shared: SharedState;
  readonly sessions: ReadonlyMap<number, Session>;
  readonly moves: ClientMoves;
}

export class Balancer {
  private readonly parts: BalancerParts;
  private nextRoundMs = 0;
  private isRunning = false;
  /** The last round moved clients: the next goes on until all have their exact shares. */
  private isUnderWay = false;

  constructor(parts: BalancerParts) {
    this.parts = parts;
    parts.bus.on(GIVE, (plan) => this.give(plan as Move[]));
  }

  /** Periodic work of the leader. */
  leaderTick(nowMs: number): void {
    const { bus, config } = this.parts;
    if (this.isRunning || nowMs < this.nextRoundMs || bus.peers().length === 0) return;
    if (!config.boolean("active-client-balancing")) return;
    this.nextRoundMs = nowMs + ROUND_MS;
    const least = config.number("min-clients-per-thread");
    const plan = planMoves(this.loads(nowMs), least, ROUND_CLIENTS, this.isUnderWay);
    if (plan.length > 0) void this.round(plan);
    else this.isUnderWay = false;
  }

  private loads(nowMs: number): Load[] {
    const { bus, shared } = this.parts;
    const loads: Load[] = [];
    for (const slot of [bus.self, ...bus.peers()]) {
      const counters = shared.counters(slot);
      // It could neither give nor get.
      if (isOccupied(shared, slot, nowMs)) continue;
      const clients = counters[COUNTER.connected_clients] as number;
      loads.push({ slot, clients, takes: counters[COUNTER.takes_clients] === 1 });
    }
    return loads;
  }

  private async round(plan: readonly Move[]): Promise<void> {
    this.isRunning = true;
    const answers = await Promise.all([this.give(plan), this.parts.bus.requestAll(GIVE, plan, ROUND_MAX_MS)]);
    this.isRunning = false;
    const given = (answers.flat() as number[]).reduce((sum, count) => sum + count, 0);
    this.isUnderWay = given > 0;
    if (given === 0) this.nextRoundMs = Date.now() + FRUITLESS_MS;
  }

  /** Gives away what the plan wants of this process; resolves with the number of clients that have arrived. */
  private async give(plan: readonly Move[]): Promise<number> {
    const takers: number[] = [];
    for (const { from, to, clients } of plan) {
      if (from === this.parts.bus.self) for (let i = 0; i < clients; i++) takers.push(to);
    }
    if (takers.length === 0) return 0;
    const candidates = this.candidates(Date.now())[Symbol.iterator]();
    let given = 0;
    const giveOneByOne = async (): Promise<void> => {
      for (let slot = takers.pop(); slot !== undefined; slot = takers.pop()) {
        const arrival = this.giveNext(candidates, slot);
        if (arrival === null) return;
        if ((await arrival) !== null) given++;
      }
    };
    await Promise.all(Array.from({ length: UNDER_WAY }, giveOneByOne));
    return given;
  }

  /** Gives away the next client that can go just now; null when there is none left. */
  private giveNext(candidates: Iterator<Session>, slot: number): Promise<number | null> | null {
    for (let next = candidates.next(); next.done !== true; next = candidates.next()) {
      const arrival = next.value.closed ? null : this.parts.moves.give(next.value, slot, Date.now());
      if (arrival !== null) return arrival;
    }
    return null;
  }

  /** The clients that may go, active and idle ones mixed evenly. */
  private candidates(nowMs: number): Session[] {
    const active: Session[] = [];
    const idle: Session[] = [];
    for (const session of this.parts.sessions.values()) {
      if (!this.parts.moves.isMovable(session, nowMs)) continue;
      (nowMs - session.client.lastInteractionMs < ACTIVE_MS ? active : idle).push(session);
    }
    const place = (group: readonly Session[]) => (session: Session, i: number) =>
      [(i + 0.5) / group.length, session] as const;
    return [...active.map(place(active)), ...idle.map(place(idle))]
      .sort(([a], [b]) => a - b)
      .map(([, session]) => session);
  }
}
