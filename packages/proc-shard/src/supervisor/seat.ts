/**
 * A seat: the place of one worker, which outlives the process in it. It keeps the seat's listening sockets and decides
 * when a dead worker is replaced. While a worker is being replaced in order, both use the seat.
 */
import { closeSeatSockets, type SeatSockets } from "./listening-sockets.ts";
import { RestartPolicy } from "./restart-policy.ts";
import type { WorkerRecord } from "./worker-record.ts";

export class Seat {
  readonly index: number;
  readonly restarts = new RestartPolicy();
  /** One per endpoint, in the supervisor's order; null = the workers listen themselves. */
  sockets: SeatSockets | null = null;
  /** The worker that serves or is about to; a draining predecessor is not here. */
  worker: WorkerRecord | null = null;
  /** Runs while a replacement is put off. */
  timer: NodeJS.Timeout | null = null;
  isGivenUp = false;

  constructor(index: number) {
    this.index = index;
  }

  closeSockets(): void {
    if (this.sockets !== null) closeSeatSockets(this.sockets);
    this.sockets = null;
  }
}
