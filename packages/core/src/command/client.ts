/**
 * What the server knows of a connected client, without its transport. Commands read and change it; session/ owns the
 * connection and the buffers.
 */
import type { WatchedKey } from "../keyspace/watch.ts";
import type { SavedArgs } from "../resp/args.ts";
import type { Access } from "./command-spec.ts";
import type { Command } from "./define-command.ts";
import type { ClientSubscriptions } from "./pubsub.ts";
import type { TrackingState } from "./tracking.ts";

/** CLIENT REPLY modes; `skipNext` answers nothing to the next command, `skipping` nothing to the present one. */
export const REPLY_MODE = { on: 0, off: 1, skipNext: 2, skipping: 3 } as const;

/** A command queued by MULTI. */
export interface QueuedCommand {
  readonly command: Command;
  readonly args: SavedArgs;
}

export interface MultiState {
  readonly queue: QueuedCommand[];
  /** A command was refused while queueing: EXEC answers EXECABORT. */
  aborted: boolean;
  /** The strongest access of the queued commands: EXEC runs in that kind of txn. */
  access: Access;
  queuedBytes: number;
}

export class Client {
  readonly id: number;
  readonly address: string;
  readonly localAddress: string;
  readonly fd: number;
  readonly isUnix: boolean;
  readonly createdMs: number;
  db = 0;
  /** RESP version, 2 or 3. */
  resp = 2;
  name = "";
  libName = "";
  libVersion = "";
  /** Null: a client that the server made for itself, which may do everything. */
  user: string | null = "default";
  authenticated: boolean;
  multi: MultiState | null = null;
  /** CLIENT TRACKING; null when it is off. */
  tracking: TrackingState | null = null;
  isMonitor = false;
  /** Another client's invalidations are sent to this one, whose process is known to them. */
  isRedirectTarget = false;
  /** Null when there is none. */
  subscriptions: ClientSubscriptions | null = null;
  watched: WatchedKey[] | null = null;
  replyMode: number = REPLY_MODE.on;
  noEvict = false;
  noTouch = false;
  /** Answer what is due, then close. */
  closeAfterReply = false;
  /** Its script may be killed even after it has written: who runs it drops the whole txn then. */
  dropsKilledScript = false;
  /** Close without sending what is due. */
  closeSilently = false;
  lastInteractionMs: number;
  lastCommand: Command | null = null;
  commandsProcessed = 0;
  netInputBytes = 0;
  netOutputBytes = 0;
  /**
   * Why the client waits: nothing, an answer of other processes before or after its command, CLIENT PAUSE, a blocking
   * command.
   */
  waiting: "no" | "prepare" | "ack" | "pause" | "block" = "no";

  constructor(
    id: number,
    address: string,
    localAddress: string,
    fd: number,
    isUnix: boolean,
    nowMs: number,
    authenticated: boolean,
  ) {
    this.id = id;
    this.address = address;
    this.localAddress = localAddress;
    this.fd = fd;
    this.isUnix = isUnix;
    this.createdMs = nowMs;
    this.lastInteractionMs = nowMs;
    this.authenticated = authenticated;
  }
}
