export { FormatError } from "./keyspace/open-keyspace.ts";
export type {
  AccessContext,
  AccessDenial,
  AccessRequest,
  AccessRules,
  ChannelUse,
  KeyUse,
} from "./ports/access-rules.ts";
export type { Bus } from "./ports/bus.ts";
export type { Config, ConfigSetContext, OutputBufferLimit, OutputBufferLimits, SavePoint } from "./ports/config.ts";
export type { AcceptConnection, AdoptConnection, Connection, ConnectionHandler } from "./ports/connection.ts";
export * from "./ports/counters.ts";
export type { Host, LogLevel } from "./ports/host.ts";
export { type Effect, type OpLog, PROPAGATE } from "./ports/op-log.ts";
export { type SharedState, sumCounter } from "./ports/shared-state.ts";
export { Server, type ServerParts } from "./server/server.ts";
export {
  type Cursor,
  type LockHolder,
  MAX_KEY_BYTES,
  MAX_VALUE_BYTES,
  type OrderedStore,
  type StoreStats,
} from "./store/ordered-store.ts";
