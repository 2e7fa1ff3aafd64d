/** Client-side caching. Implemented by server/tracking.ts. */
import type { Args } from "../resp/args.ts";
import type { Client } from "./client.ts";
import type { Command } from "./define-command.ts";

/** CLIENT TRACKING of a client. */
export interface TrackingState {
  /** Client that gets the messages; 0: itself. */
  redirect: number;
  /** Process of that client. */
  redirectSlot: number;
  redirectIsBroken: boolean;
  readonly bcast: boolean;
  optin: boolean;
  optout: boolean;
  noloop: boolean;
  /** CLIENT CACHING was called for the next command. */
  caching: boolean;
  /** Of broadcast mode, as latin1; "" stands for all keys. */
  readonly prefixes: Set<string>;
}

export type TrackingOptions = Pick<
  TrackingState,
  "redirect" | "redirectSlot" | "bcast" | "optin" | "optout" | "noloop"
>;

export interface Tracking {
  /** Turns tracking on, or changes its options; the client's reply waits until all processes know. */
  enable(client: Client, options: TrackingOptions, prefixes: readonly string[]): void;
  disable(client: Client): void;
  /** Remembers what a client that tracks has read. */
  remember(client: Client, command: Command, args: Args): void;
  /** The process that has a client: a slot, or -1 when there is no such client. Null: resolve it with `findElsewhere`. */
  findHere(clientId: number): number | null;
  findElsewhere(clientId: number): Promise<number>;
}
