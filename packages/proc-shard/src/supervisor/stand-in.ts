/**
 * Accepts in the place of workers that cannot: they are occupied for long (a script, a huge command, a stopped process),
 * or have died and are not replaced yet. The kernel goes on putting clients into the queues of their sockets, where they
 * would wait. The supervisor has the sockets, too: it takes the clients out and hands them to workers that are free.
 */
import { Socket } from "node:net";
import type { SystemCalls } from "../system-calls.ts";
import { type RawHandle, rawHandleOf } from "../transport/raw-handle.ts";
import type { Seat } from "./seat.ts";

export interface StandInOptions {
  readonly system: SystemCalls;
  /** Takes over an accepted client. */
  give(client: RawHandle): void;
  onError(text: string): void;
}

export class StandIn {
  private readonly options: StandInOptions;
  private readonly handles: Map<Seat, RawHandle[]> = new Map();

  constructor(options: StandInOptions) {
    this.options = options;
  }

  /** Stands in for the workers of exactly these seats. */
  cover(seats: ReadonlySet<Seat>, backlog: number): void {
    for (const [seat, handles] of this.handles) {
      if (seats.has(seat)) continue;
      for (const handle of handles) handle.close();
      this.handles.delete(seat);
    }
    for (const seat of seats) {
      if (this.handles.has(seat) || seat.sockets === null) continue;
      this.handles.set(
        seat,
        seat.sockets.handles.flatMap((handle) => this.listen(handle, backlog) ?? []),
      );
    }
  }

  /** A second handle of the socket: it can be closed, which ends the accepting, and the socket stays. */
  private listen(listener: RawHandle, backlog: number): RawHandle | null {
    const { system, give, onError } = this.options;
    const fd = system.duplicateDescriptor(listener.fd);
    const handle = rawHandleOf(new Socket({ fd, readable: false, writable: false }));
    if (handle === null) {
      system.closeDescriptor(fd);
      return null;
    }
    handle.onconnection = (status, client) => {
      if (status < 0 || client === undefined) onError(`accept failed (${status})`);
      else give(client);
    };
    const status = handle.listen(backlog);
    if (status < 0) {
      onError(`listen failed (${status})`);
      handle.close();
      return null;
    }
    return handle;
  }
}
