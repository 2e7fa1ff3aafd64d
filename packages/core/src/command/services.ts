/** What commands may ask of the server around them. Implemented by server/engine.ts and the objects it composes. */
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { Bus } from "../ports/bus.ts";
import type { Config } from "../ports/config.ts";
import type { Host } from "../ports/host.ts";
import type { SharedState } from "../ports/shared-state.ts";
import type { AccessClock } from "../keyspace/access-clock.ts";
import type { Client, QueuedCommand } from "./client.ts";
import type { Registry } from "./registry.ts";

/** Facts of a client that only its session knows. */
export interface SessionFacts {
  readonly client: Client;
  /** Unread input, bytes. */
  readonly queryBufferBytes: number;
  /** Replies the kernel has not taken yet, bytes. */
  readonly outputBufferBytes: number;
  /** Memory of the session's buffers, bytes. */
  readonly memoryBytes: number;
  /** Closes the connection; with `afterReply` once the pending replies are out. */
  kill(afterReply: boolean): void;
}

export interface Services {
  readonly config: Config;
  readonly shared: SharedState;
  readonly bus: Bus;
  readonly host: Host;
  readonly registry: Registry;
  readonly keyspace: Keyspace;
  readonly accessClock: AccessClock;
  /** Clients of this process by id. */
  readonly sessions: ReadonlyMap<number, SessionFacts>;
  /** Counters row of this process (ports/counters.ts). */
  readonly counters: Float64Array;
  /** Looks again at the shared pause words (after CLIENT PAUSE/UNPAUSE anywhere). */
  refreshPause(): void;
  /** Whether a password is wanted of new clients. */
  readonly passwordRequired: boolean;
  /** Runs a command queued by MULTI inside EXEC; its reply, error included, becomes the next element of EXEC's. */
  runQueued(queued: QueuedCommand, prepared: unknown): void;
  /** Starts the waits of all queued commands; null when none has any. Resolves with one result per command. */
  prepareQueued(queue: readonly QueuedCommand[]): Promise<unknown[]> | null;
}
