/**
 * What the supervisor and its workers say to each other over node:cluster's channel ('advanced' serialisation: Buffers
 * and plain data pass unchanged). Every message has a `kind`; requests carry an `id` that the answer repeats.
 */
import type { TcpEndpoint } from "../system-calls.ts";

/** A live worker as its peers see it. */
export interface PeerAddress {
  readonly slot: number;
  readonly pid: number;
  /** Unix socket of its bus. */
  readonly path: string;
}

/** A connected client on its way from one worker to another; the socket's handle comes along. */
export interface MovedClient {
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly isUnix: boolean;
  readonly isLoopback: boolean;
  /** What the engine knows of it. */
  readonly state: unknown;
}

/** A directive and its new value, as the configuration's own code writes it. */
export type ConfigChange = readonly [name: string, value: string];

export type ToWorker =
  /** First message: who the worker is, and what `bin` needs to compose it. */
  | { kind: "boot"; seat: number; slot: number; busPath: string; payload: unknown }
  /** All live workers, the receiver included. Answered by `peers-known`. */
  | { kind: "peers"; version: number; peers: PeerAddress[] }
  /** A listening socket comes along; accept from it. */
  | { kind: "listen"; backlog: number }
  /** No handle could be sent: listen there yourself. */
  | { kind: "listen-own"; endpoints: TcpEndpoint[]; backlog: number }
  /** Everything needed to listen was sent: answer `serving`. */
  | { kind: "serve"; version: number }
  /** A connected client comes along: one of the unix socket, or one that waited before an occupied worker. */
  | { kind: "client"; isUnix: boolean }
  /** A client that another worker gave away comes along. */
  | { kind: "adopt"; client: MovedClient }
  /** Stop accepting (the sockets are being replaced). */
  | { kind: "unlisten" }
  /** Serve the clients that are there until they leave, at most this long, then end. */
  | { kind: "drain"; timeoutMs: number }
  /** End: finish the batch, send the replies, close. */
  | { kind: "stop"; timeoutMs: number }
  | { kind: "reopen-log" }
  | { kind: "config-apply"; id: number; changes: ConfigChange[] }
  | { kind: "answer"; id: number; error: string | null };

export type ToSupervisor =
  /** The bus of this worker takes connections. */
  | { kind: "joined" }
  | { kind: "peers-known"; version: number }
  | { kind: "serving"; version: number }
  /** The worker cannot start; the text is for people. */
  | { kind: "failed"; error: string }
  | { kind: "config-applied"; id: number; error: string | null }
  | { kind: "config-set"; id: number; changes: ConfigChange[] }
  | { kind: "config-rewrite"; id: number }
  /** A client comes along that the worker at `slot` is to serve from now on. */
  | { kind: "hand-over"; slot: number; client: MovedClient }
  /** A script has begun, or ceased, to hold the event loop for long: the shared counters say which. */
  | { kind: "occupied-changed" }
  /** End the whole server in order; workers that are occupied for long are killed, if so wanted. */
  | { kind: "shutdown"; cutsScripts: boolean }
  /** This peer does not take its messages: it hangs. */
  | { kind: "peer-stuck"; slot: number; pid: number };
