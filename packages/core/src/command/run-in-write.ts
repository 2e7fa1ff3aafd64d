/**
 * Thrown by a handler that runs on a read snapshot and finds that it needs a write txn: a function was exchanged for one
 * that writes since the txn was chosen, members are due, a cached cardinality is to be kept. Whatever was replied is
 * dropped, and the engine runs the command again with the write lock, a transaction or a script as a whole.
 */
export const RUN_IN_WRITE = { name: "run in a write txn" } as const;

/**
 * Thrown in a write txn by a lookup that has removed a part of what is due of a collection, before the command has written
 * anything of its own (Context.mayBeginAnew). The engine commits, lets others have the lock, and runs the command again.
 */
export const RUN_AGAIN = { name: "run again in another write txn" } as const;
