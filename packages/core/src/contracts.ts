/**
 * The ports and the store's contract alone: the entry point "@keydb-ts/core/contracts" for packages that implement
 * them, and for the supervisor, which serves no command. Loading the whole engine there would take a tenth of a second
 * of every start.
 */
export * from "./ports/access-rules.ts";
export * from "./ports/bus.ts";
export * from "./ports/config.ts";
export * from "./ports/connection.ts";
export * from "./ports/counters.ts";
export * from "./ports/host.ts";
export * from "./ports/op-log.ts";
export * from "./ports/shared-state.ts";
export * from "./store/ordered-store.ts";
