/**
 * PUBLISHes whose receivers other processes are asked for: a process counts when it delivers, after it has served what
 * its own clients had sent by then, so an UNSUBSCRIBE sent before a PUBLISH is not missed on another process. Questions
 * travel with the messages, one per turn. The client's reply has its place kept (Outbox.reserve).
 *
 * A process that cannot answer holds nobody up for long: what is known of its subscribers counts then.
 */
import type { Gap } from "../session/session.ts";

/** So long, and at most twice as long, a PUBLISH waits for a process that seems able to answer. */
const WAIT_MS = 100;

/** The receivers of one PUBLISH, being added up. */
interface Tally {
  readonly gap: Gap;
  count: number;
  /** Processes that have not answered. */
  missing: number;
}

/** What one process is asked in one turn: the counts of these, in this order. */
interface Part {
  readonly tallies: Tally[];
  /** What counts instead of an answer. */
  readonly known: number[];
}

/** What is asked in one turn, by slot; without those that have answered. */
type Question = Map<number, Part>;

export interface PublishCountsParts {
  /** Whether a process is busy with one thing for long. */
  isOccupied(slot: number): boolean;
  fill(gap: Gap, reply: Buffer): void;
  cancel(gap: Gap): void;
}

export class PublishCounts {
  private readonly parts: PublishCountsParts;
  /** Of this turn. */
  private gathered: Question = new Map();
  /** Sent, by number; the oldest first. */
  private readonly asked: Map<number, Question> = new Map();
  /** Processes that did not answer in time, until they do. */
  private readonly late: Set<number> = new Set();
  private nextId = 1;
  /** Questions below this number have had WAIT_MS when the timer fires. */
  private overdueBelow = 0;
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(parts: PublishCountsParts) {
    this.parts = parts;
  }

  canAnswer(slot: number): boolean {
    return !this.late.has(slot) && !this.parts.isOccupied(slot);
  }

  /** Asks processes (slot -> what is known) for the receivers of the message that is posted to them. */
  ask(slots: ReadonlyMap<number, number>, gap: Gap, count: number): void {
    const tally = { gap, count, missing: slots.size };
    for (const [slot, known] of slots) {
      const part = this.gathered.get(slot);
      if (part === undefined) this.gathered.set(slot, { tallies: [tally], known: [known] });
      else {
        part.tallies.push(tally);
        part.known.push(known);
      }
    }
  }

  /** The number of the question that goes with the turn's messages; 0: there is none. */
  send(): number {
    if (this.gathered.size === 0) return 0;
    const id = this.nextId++;
    this.asked.set(id, this.gathered);
    this.gathered = new Map();
    if (this.timer === null) this.startTimer();
    return id;
  }

  answered(id: number, from: number, counts: readonly number[]): void {
    this.late.delete(from);
    const question = this.asked.get(id);
    if (question === undefined) return;
    this.settle(question, from, counts);
    if (question.size === 0) this.asked.delete(id);
  }

  /** One process' part of a question is answered; `counts` null: by what is known. */
  private settle(question: Question, slot: number, counts: readonly number[] | null): void {
    const part = question.get(slot);
    if (part === undefined) return;
    question.delete(slot);
    const { tallies } = part;
    const added = counts ?? part.known;
    for (let i = 0; i < tallies.length; i++) {
      const tally = tallies[i] as Tally;
      tally.count += added[i] ?? 0;
      tally.missing--;
      if (tally.missing === 0) this.parts.fill(tally.gap, Buffer.from(`:${tally.count}\r\n`, "latin1"));
    }
  }

  private startTimer(): void {
    this.overdueBelow = this.nextId;
    this.timer = setTimeout(() => this.expire(), WAIT_MS);
  }

  private expire(): void {
    this.timer = null;
    for (const [id, question] of this.asked) {
      if (id >= this.overdueBelow) break;
      this.asked.delete(id);
      for (const slot of [...question.keys()]) {
        this.late.add(slot);
        this.settle(question, slot, null);
      }
    }
    if (this.asked.size > 0) this.startTimer();
  }

  /** A process has gone. */
  left(slot: number): void {
    for (const [id, question] of this.asked) {
      this.settle(question, slot, null);
      if (question.size === 0) this.asked.delete(id);
    }
    this.settle(this.gathered, slot, null);
    this.late.delete(slot);
  }

  /** The write txn was dropped, and with it the messages not sent yet. */
  drop(): void {
    const tallies = [...this.gathered.values()].flatMap((part) => part.tallies);
    for (const { gap } of new Set(tallies)) this.parts.cancel(gap);
    this.gathered.clear();
  }
}
