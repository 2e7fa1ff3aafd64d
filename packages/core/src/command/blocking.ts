/** How commands block their client, and CLIENT UNBLOCK. Implemented by server/blocking.ts. */
import type { Context } from "./context.ts";

export interface BlockRequest {
  /** Type id of the keys that serve the client; 0 when it waits for no key (WAIT). */
  readonly type: number;
  /** Which arguments are the keys. */
  readonly keys: readonly number[];
  /** Milliseconds; 0 waits for ever. */
  readonly timeoutMs: number;
  /** The command to run when a key is ready, when it is not the one that was sent (XREAD's `$`). */
  readonly args?: readonly Buffer[];
  /** The end of a key, or another type, serves the client too (XREADGROUP). */
  readonly onNoKey?: boolean;
  /** RESP that answers a timeout; a null array unless given. */
  readonly timeoutReply?: string;
}

export interface BlockingClients {
  /**
   * The client waits; the handler must return without a reply. The command runs again, in a write txn of any process,
   * when one of its keys may serve it; if it blocks then, it keeps its place. Keys are waited for only by commands that
   * run in a write txn, and not while `ctx.denyBlocking`.
   */
  block(ctx: Context, request: BlockRequest): void;
  /**
   * Whether what the handler takes is for a client of another process, which may be gone by the time the reply arrives:
   * then `giveBack` should be told the command that undoes it.
   */
  readonly servesElsewhere: boolean;
  giveBack(command: readonly Buffer[]): void;
  /** Ends the wait of a client of this process, with an error or as its timeout does; false: it does not wait. */
  unblock(clientId: number, withError: boolean): Promise<boolean>;
  /** Ends the wait of a client of any other process; null when there is no other process. */
  unblockElsewhere(clientId: number, withError: boolean): Promise<boolean> | null;
  /** Keys of all processes that clients wait for. */
  countKeys(): { keys: number; onNoKey: number };
}
