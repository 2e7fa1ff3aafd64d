/** What commands may ask of the server around them. Implemented by server/engine.ts and the objects it composes. */

import type { AccessClock } from "../keyspace/access-clock.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { Bus } from "../ports/bus.ts";
import type { Config } from "../ports/config.ts";
import type { Host } from "../ports/host.ts";
import type { SharedState } from "../ports/shared-state.ts";
import type { BlockingClients } from "./blocking.ts";
import type { Client, QueuedCommand } from "./client.ts";
import type { Effects } from "./effects.ts";
import type { Introspection } from "./introspection.ts";
import type { KeyspaceEvents } from "./keyspace-events.ts";
import type { Monitors } from "./monitors.ts";
import type { Permissions } from "./permissions.ts";
import type { PubSub } from "./pubsub.ts";
import type { Registry } from "./registry.ts";
import type { Scripting } from "./scripting.ts";
import type { Tracking } from "./tracking.ts";

export type ClientType = "normal" | "master" | "replica" | "pubsub";

/** Which clients are meant; null members mean any. Plain data: it crosses processes. */
export interface ClientFilter {
  readonly ids: readonly number[] | null;
  readonly type: ClientType | null;
  readonly address: string | null;
  readonly localAddress: string | null;
  readonly user: string | null;
  /** The asking client, when it is to be left out; else 0. */
  readonly skipId: number;
}

/** A client's number and its line in CLIENT LIST. */
export interface ClientLine {
  readonly id: number;
  readonly line: string;
}

/**
 * The clients of this process, and through the bus those of the others. The `...Elsewhere` members are null when there
 * is no other process. A client that is just moved from one to another may be in the answers of both.
 */
export interface ClientDirectory {
  readonly any: ClientFilter;
  line(client: Client): string;
  list(filter: ClientFilter): ClientLine[];
  listElsewhere(filter: ClientFilter): Promise<ClientLine[]> | null;
  /** Closes the matching clients, `selfId` after its reply; returns their ids. */
  kill(filter: ClientFilter, selfId: number): number[];
  killElsewhere(filter: ClientFilter): Promise<number[]> | null;
  /** Pauses until `endMs` (unix ms). `...Elsewhere` resolves once every process holds back its clients. */
  pause(endMs: number, writesOnly: boolean): void;
  pauseElsewhere(endMs: number, writesOnly: boolean): Promise<unknown> | null;
  unpause(): void;
  unpauseElsewhere(): Promise<unknown> | null;
}

/** Facts of a client that only its session knows. */
export interface SessionFacts {
  readonly client: Client;
  /** Unread input and the command being served, bytes. */
  readonly queryBufferBytes: number;
  /** Unused room of the input buffer, bytes. */
  readonly queryBufferFree: number;
  /** Arguments of the command being served, bytes. */
  readonly argumentBytes: number;
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
  /** Null while there are no access rules: everybody may do everything. */
  readonly permissions: Permissions | null;
  readonly registry: Registry;
  readonly keyspace: Keyspace;
  readonly accessClock: AccessClock;
  /** Statistics, slow log, latency events, INFO. */
  readonly introspection: Introspection;
  /** Scripts and functions. */
  readonly scripting: Scripting;
  /** Clients of this process by id. */
  readonly sessions: ReadonlyMap<number, SessionFacts>;
  readonly clients: ClientDirectory;
  readonly blocking: BlockingClients;
  readonly pubsub: PubSub;
  readonly events: KeyspaceEvents;
  readonly monitors: Monitors;
  readonly tracking: Tracking;
  /** Null while there is no op log. */
  readonly effects: Effects | null;
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
