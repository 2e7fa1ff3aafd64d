/** What the sections of INFO are made from, and the form of their lines. */
import type { Statistics } from "../command/introspection.ts";
import type { SubscriptionKind } from "../command/pubsub.ts";
import type { Registry } from "../command/registry.ts";
import type { ScriptMemory } from "../command/scripting.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { Config } from "../ports/config.ts";
import { COUNTER, type CounterName } from "../ports/counters.ts";
import type { Host } from "../ports/host.ts";
import { type SharedState, sumCounter } from "../ports/shared-state.ts";
import type { MemoryReader } from "./memory-reader.ts";

export interface InfoParts {
  readonly config: Config;
  readonly shared: SharedState;
  readonly host: Host;
  readonly keyspace: Keyspace;
  readonly registry: Registry;
  readonly statistics: Statistics;
  readonly memory: MemoryReader;
  /** Channels (patterns, shard channels) that have a subscriber on any process. */
  readonly subscribedNames: (kind: SubscriptionKind) => number;
  /** Keys of all processes that blocked clients wait for. */
  readonly blockingKeys: () => { keys: number; onNoKey: number };
  readonly scripts: () => ScriptMemory;
}

export type Fields = ReadonlyArray<readonly [name: string, value: string | number]>;

/** `name:value` lines. */
export function fieldLines(fields: Fields): string {
  return fields.map(([name, value]) => `${name}:${value}\r\n`).join("");
}

/** Sum of a counter over all processes, as an integer. */
export function total(parts: InfoParts, name: CounterName): number {
  return Math.round(sumCounter(parts.shared, COUNTER[name]));
}

/** Trash rows counted at most for lazyfree_pending_objects. */
export const TRASH_COUNT_MAX = 10000;
