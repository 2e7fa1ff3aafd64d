/**
 * What the processes of one server want to be told of, in shared memory: monitors, tracking clients, and how often their
 * subscriptions have changed. Each writes its own row and then moves the epoch; the others compare the epoch when a turn
 * and when a write txn begins. So a client's wish is in force everywhere with its reply, and no process has to answer.
 */
import type { Bus } from "../ports/bus.ts";
import { SHARED_WORD } from "../ports/counters.ts";
import type { SharedState } from "../ports/shared-state.ts";

export class Interests {
  /** Called when those of any process may have changed. */
  readonly onChange: Array<() => void> = [];
  private readonly shared: SharedState;
  private readonly bus: Bus;
  private seenEpoch = -1;

  constructor(shared: SharedState, bus: Bus) {
    this.shared = shared;
    this.bus = bus;
  }

  /** Shows a number in this process' row (`counter`: COUNTER) to the others. */
  show(counter: number, value: number): void {
    this.shared.counters(this.shared.slot)[counter] = value;
    Atomics.add(this.shared.words, SHARED_WORD.interest_epoch, 1);
  }

  /** The number in the row of a peer. */
  of(slot: number, counter: number): number {
    return this.shared.counters(slot)[counter] as number;
  }

  /** The peers whose number is not 0. */
  slots(counter: number): number[] {
    return this.bus.peers().filter((slot) => this.of(slot, counter) > 0);
  }

  /** Looks whether anything has changed since the last time. */
  look(): boolean {
    const epoch = Atomics.load(this.shared.words, SHARED_WORD.interest_epoch);
    if (epoch === this.seenEpoch) return false;
    this.seenEpoch = epoch;
    for (const change of this.onChange) change();
    return true;
  }
}
