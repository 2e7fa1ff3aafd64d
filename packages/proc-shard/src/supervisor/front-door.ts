/**
 * Everything clients come in by: the TCP sockets of all seats and the unix socket. Opens them, moves them while the
 * server runs, hands them to workers, closes them.
 */
import type { LogLevel } from "@keydb-ts/core";
import type { SystemCalls, TcpEndpoint } from "../system-calls.ts";
import { ClientHandover } from "./client-handover.ts";
import {
  closeSeatSockets,
  ListenFailure,
  type ListenRequest,
  openSeatSockets,
  probeEndpoints,
  type SeatSockets,
} from "./listening-sockets.ts";
import type { Seat } from "./seat.ts";
import { StandIn } from "./stand-in.ts";
import { UnixFront } from "./unix-front.ts";
import type { WorkerRecord } from "./worker-record.ts";

export interface FrontDoorOptions {
  readonly listen: ListenRequest;
  /** `mode` null: as the umask says. */
  readonly unix: { readonly path: string; readonly mode: number | null } | null;
  readonly system: SystemCalls;
  log(level: LogLevel, text: string): void;
}

export class FrontDoor {
  private readonly options: FrontDoorOptions;
  private readonly seats: readonly Seat[];
  private readonly unix: UnixFront | null;
  private readonly handover: ClientHandover;
  private readonly standIn: StandIn;
  private request: ListenRequest;
  private endpoints: readonly TcpEndpoint[] = [];
  /** Grows whenever the endpoints change; workers confirm it. */
  private version = 0;

  /** `free`: the workers that can take a client now. */
  constructor(options: FrontDoorOptions, seats: readonly Seat[], free: () => readonly WorkerRecord[]) {
    this.options = options;
    this.seats = seats;
    this.request = options.listen;
    const handover = new ClientHandover(free);
    this.handover = handover;
    this.unix =
      options.unix === null ? null : new UnixFront(options.unix.path, (client) => handover.give(client, true));
    this.standIn = new StandIn({
      system: options.system,
      give: (client) => handover.give(client, false),
      onError: (text) => this.acceptFailed(text),
    });
  }

  /** Throws ListenFailure with one line for people. */
  async open(): Promise<void> {
    const { listen, unix, system } = this.options;
    this.endpoints = await this.probe(listen, []);
    if (this.unix !== null) {
      const onError = (text: string): void => this.acceptFailed(text);
      await this.unix.listen(unix?.mode ?? null, listen.backlog, onError).catch((error: Error) => {
        throw new ListenFailure(`Failed opening Unix socket: bind: ${error.message}`);
      });
    }
    if (this.endpoints.length === 0 && this.unix === null) {
      throw new ListenFailure("Configured to not listen anywhere, exiting.");
    }
    for (const seat of this.seats) seat.sockets = openSeatSockets(this.endpoints, system);
  }

  /**
   * Listens on other addresses; those that stay are not touched. Resolves with true when every worker has moved, with
   * false when it cannot be: the log says why, and everything is as before.
   */
  async move(bind: readonly string[], port: number, workers: Iterable<WorkerRecord>): Promise<boolean> {
    this.cover(new Set());
    const request = { bind, port, backlog: this.request.backlog };
    const known = this.endpoints.map(keyOf);
    const opened = new Map<Seat, SeatSockets>();
    try {
      const endpoints = await this.probe(request, known);
      const added = endpoints.filter((endpoint) => !known.includes(keyOf(endpoint)));
      for (const seat of this.seats) {
        const sockets = seat.isGivenUp ? null : openSeatSockets(added, this.options.system);
        if (sockets !== null) opened.set(seat, sockets);
      }
      for (const [seat, sockets] of opened) replaceSockets(seat, sockets, known, endpoints.map(keyOf));
      this.endpoints = endpoints;
    } catch (error) {
      for (const sockets of opened.values()) closeSeatSockets(sockets);
      this.options.log("warning", (error as Error).message);
      return false;
    }
    this.request = request;
    const version = ++this.version;
    const listening = [...workers].filter(({ state }) => state === "listening" || state === "serving");
    for (const record of listening) {
      record.send({ kind: "unlisten" });
      this.admit(record);
    }
    await Promise.all(listening.map((record) => record.until(() => record.socketsKnown >= version)));
    return true;
  }

  /** Gives a worker the sockets of its seat. */
  admit(record: WorkerRecord): void {
    const { backlog } = this.request;
    const sockets = this.seats[record.seat]?.sockets ?? null;
    if (sockets === null) record.send({ kind: "listen-own", endpoints: [...this.endpoints], backlog });
    else for (const handle of sockets.handles) record.sendHandle({ kind: "listen", backlog }, handle);
    record.send({ kind: "serve", version: this.version });
  }

  /** A worker began to serve. */
  servingChanged(): void {
    this.handover.retry();
  }

  /** Accepts in the place of the workers of these seats, and of no others. */
  cover(seats: ReadonlySet<Seat>): void {
    this.standIn.cover(seats, this.request.backlog);
  }

  close(): void {
    this.cover(new Set());
    this.unix?.close();
    this.handover.close();
    for (const seat of this.seats) seat.closeSockets();
  }

  private acceptFailed(text: string): void {
    this.options.log("warning", `Accepting client connection: ${text}`);
  }

  /** The endpoints to listen on; those in `ours` are known to be free for us. */
  private async probe(request: ListenRequest, ours: readonly string[]): Promise<TcpEndpoint[]> {
    const { system, log } = this.options;
    const warn = (text: string): void => log("warning", text);
    const endpoints = await probeEndpoints(request, system, warn, (endpoint) => ours.includes(keyOf(endpoint)));
    if (endpoints.length === 0 && request.port !== 0 && request.bind.some((word) => word !== "")) {
      throw new ListenFailure(`Failed listening on port ${request.port} (tcp), aborting.`);
    }
    return endpoints;
  }
}

/** Puts a seat's sockets into the order of `wanted`: kept ones from before, the rest from `added`; closes what is left. */
function replaceSockets(seat: Seat, added: SeatSockets, known: readonly string[], wanted: readonly string[]): void {
  const old = seat.sockets?.handles ?? [];
  const fresh = [...added.handles];
  const handles = wanted.map((key) => {
    const index = known.indexOf(key);
    return index < 0 ? fresh.shift() : old[index];
  });
  seat.sockets = { handles: handles.filter((handle) => handle !== undefined) };
  for (const handle of old) if (!handles.includes(handle)) handle.close();
}

function keyOf(endpoint: TcpEndpoint): string {
  return `${endpoint.address} ${endpoint.port}`;
}
