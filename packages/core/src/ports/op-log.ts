/**
 * Who is told the effects of every write, in the one order that all processes agree on: replicas, active peers, the
 * append-only file. Nothing implements it yet but tests; server/server.ts (`tellEffects`) takes one.
 */

/** Whom an effect is for, as redis.set_repl names them. */
export const PROPAGATE = { none: 0, aof: 1, replicas: 2, all: 3 } as const;

/** A command that brings about what happened, wherever and whenever it is run in this order. */
export interface Effect {
  /** The database it is to be run in. */
  readonly db: number;
  /** Own copies; the first is the command's name. */
  readonly args: readonly Buffer[];
  /** Bits of PROPAGATE; never none. */
  readonly targets: number;
}

/** Synchronous, like all that runs inside a write txn; what it throws drops the txn. */
export interface OpLog {
  /**
   * The effects, at least one, of a command, a transaction, a script, a blocked client that was served, or of something
   * that the server did by itself. They belong together: nobody may see a part of them. Called inside the write txn, and
   * so in the order of the write lock, before anything else of the txn happens; but the txn may still be dropped.
   */
  append(unit: readonly Effect[]): void;
  /** The txn was committed, and with it everything appended since the last call of `committed` or `dropped`. */
  committed(): void;
  /** The txn was dropped: nothing that was appended in it has happened. */
  dropped(): void;
}
