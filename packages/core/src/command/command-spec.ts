/**
 * The description of a command. One object per command; everything else (COMMAND, COMMAND DOCS, GETKEYS, ACL categories,
 * arity check, transaction kind, statistics) is derived from it.
 */

import type { CommandError } from "../base/errors.ts";
import type { Config } from "../ports/config.ts";
import type { Args } from "../resp/args.ts";
import type { Client } from "./client.ts";
import type { Context } from "./context.ts";
import type { Services } from "./services.ts";

/** Redis' flag names as COMMAND shows them. `internal` hides a command from COMMAND. */
export type CommandFlag =
  | "write"
  | "readonly"
  | "denyoom"
  | "admin"
  | "pubsub"
  | "noscript"
  | "blocking"
  | "loading"
  | "stale"
  | "skip_monitor"
  | "skip_slowlog"
  | "asking"
  | "fast"
  | "no_auth"
  | "may_replicate"
  | "no_mandatory_keys"
  | "no_async_loading"
  | "no_multi"
  | "allow_busy"
  | "movablekeys"
  | "protected"
  | "touches_arbitrary_keys"
  | "sentinel"
  | "only_sentinel";

/** Redis' ACL categories, without '@'. */
export type AclCategory =
  | "keyspace"
  | "read"
  | "write"
  | "set"
  | "sortedset"
  | "list"
  | "hash"
  | "string"
  | "bitmap"
  | "hyperloglog"
  | "geo"
  | "stream"
  | "pubsub"
  | "admin"
  | "fast"
  | "slow"
  | "blocking"
  | "dangerous"
  | "connection"
  | "transaction"
  | "scripting";

/** Groups as COMMAND DOCS shows them. */
export type CommandGroup =
  | "generic"
  | "string"
  | "list"
  | "set"
  | "sorted-set"
  | "hash"
  | "pubsub"
  | "transactions"
  | "connection"
  | "server"
  | "scripting"
  | "hyperloglog"
  | "cluster"
  | "sentinel"
  | "geo"
  | "stream"
  | "bitmap";

export type KeyFlag =
  | "RO"
  | "RW"
  | "OW"
  | "RM"
  | "access"
  | "update"
  | "insert"
  | "delete"
  | "not_key"
  | "incomplete"
  | "variable_flags";

export type BeginSearch =
  | { readonly type: "index"; readonly index: number }
  | { readonly type: "keyword"; readonly keyword: string; readonly startFrom: number }
  | { readonly type: "unknown" };
export type FindKeys =
  | { readonly type: "range"; readonly lastKey: number; readonly keyStep: number; readonly limit: number }
  | { readonly type: "keynum"; readonly keyNumIdx: number; readonly firstKey: number; readonly keyStep: number }
  | { readonly type: "unknown" };

/** Where a command's keys are, as in COMMAND INFO's key specifications. */
export interface KeySpec {
  readonly flags: readonly KeyFlag[];
  readonly beginSearch: BeginSearch;
  readonly findKeys: FindKeys;
  readonly notes?: string;
}

/** A key in a request: which argument it is, and what the command does with it. */
export interface KeyReference {
  readonly index: number;
  /** Bytes of the argument that are the key; absent: all of them. */
  readonly length?: number;
  readonly flags: readonly KeyFlag[];
}

/** One argument of a command's grammar, as in COMMAND DOCS. */
export interface ArgSpec {
  readonly name: string;
  readonly type: "string" | "integer" | "double" | "key" | "pattern" | "unix-time" | "pure-token" | "oneof" | "block";
  /** Shown name, when it differs from `name`. */
  readonly display?: string;
  readonly keySpecIndex?: number;
  readonly token?: string;
  readonly since?: string;
  readonly deprecatedSince?: string;
  readonly flags?: readonly ("optional" | "multiple" | "multiple_token")[];
  readonly args?: readonly ArgSpec[];
}

/** Kind of store transaction a command runs in. Derived from the flags unless given. */
export type Access = "none" | "read" | "write";

export interface CommandSpec {
  /** Upper case; a subcommand has only its own word (`SET` of CONFIG SET). */
  readonly name: string;
  readonly group: CommandGroup;
  readonly since: string;
  readonly summary: string;
  readonly complexity: string;
  /** As in COMMAND: counts the name (and the subcommand's word); negative = at least. */
  readonly arity: number;
  readonly flags: readonly CommandFlag[];
  /** Categories that neither flags nor group imply. */
  readonly aclExtra?: readonly AclCategory[];
  /** The group implies no category of its own. */
  readonly noGroupCategory?: boolean;
  readonly keys?: readonly KeySpec[];
  /**
   * Keys that the key specs cannot tell, or whose flags depend on other arguments (SORT, MIGRATE, SET). Null: the
   * arguments make no sense. Asked only when the specs are missing, incomplete or of variable flags.
   */
  readonly keysBy?: (args: Args) => readonly KeyReference[] | null;
  /**
   * Keys that the command may use besides those that COMMAND GETKEYS tells, as it can be misled by names that look like
   * keywords. The access rules are asked about them too, unlike in Redis.
   */
  readonly hiddenKeys?: (args: Args) => readonly KeyReference[];
  /** The arguments from the first on (one, or all) are channels that are published or subscribed to. */
  readonly channels?: { readonly areMany: boolean; readonly arePatterns: boolean };
  readonly tips?: readonly string[];
  readonly args?: readonly ArgSpec[];
  readonly history?: readonly (readonly [since: string, text: string])[];
  readonly docFlags?: readonly ("deprecated" | "syscmd")[];
  readonly deprecatedSince?: string;
  readonly replacedBy?: string;
  readonly access?: Access;
  /** For commands whose access depends on the client's state or the arguments (EXEC, DEBUG). Overrides `access`. */
  readonly accessBy?: (client: Client, args: Args, server: Services) => Access;
  /** Allowed to a RESP2 client that has subscriptions. */
  readonly inSubscriberMode?: boolean;
  /** Runs at once inside MULTI instead of being queued (EXEC, DISCARD, WATCH ...). */
  readonly runsInMulti?: boolean;
  /** For commands that may replicate, or not, as their arguments say (scripts). Overrides the flag. Needs a snapshot. */
  readonly mayReplicateBy?: (args: Args, server: Services) => boolean;
  /** Runs the commands queued by MULTI (EXEC): what holds for any of them holds for it. */
  readonly runsQueue?: boolean;
  /** The arguments that hold secrets: never shown in logs, SLOWLOG or MONITOR. */
  readonly sensitiveArgs?: (args: Args, config: Config) => number[];
  /**
   * Work that must be finished before the handler can run synchronously, such as asking the other processes. Null
   * when there is nothing to wait for. The client waits meanwhile, others go on. The handler finds the result in
   * `ctx.prepared`. Rejections are answered as errors.
   */
  readonly prepare?: (ctx: Context) => Promise<unknown> | null;
  readonly handler: (ctx: Context) => void;
  /** Takes part when the command is refused before it runs (wrong arity, ...); returns the error to reply. */
  readonly onRefused?: (ctx: Context, error: CommandError) => CommandError;
  readonly subcommands?: readonly CommandSpec[];
}

/** One key at a fixed place. */
export function keyAt(index: number, ...flags: KeyFlag[]): KeySpec {
  return {
    flags,
    beginSearch: { type: "index", index },
    findKeys: { type: "range", lastKey: 0, keyStep: 1, limit: 0 },
  };
}

/** Keys from `index` to `lastKey` (negative: counted from the end), every `keyStep`-th argument. */
export function keyRange(index: number, lastKey: number, keyStep: number, ...flags: KeyFlag[]): KeySpec {
  return {
    flags,
    beginSearch: { type: "index", index },
    findKeys: { type: "range", lastKey: lastKey < 0 ? lastKey : lastKey - index, keyStep, limit: 0 },
  };
}

/** A count at `index` followed by that many keys. */
export function keyNum(index: number, ...flags: KeyFlag[]): KeySpec {
  return {
    flags,
    beginSearch: { type: "index", index },
    findKeys: { type: "keynum", keyNumIdx: 0, firstKey: 1, keyStep: 1 },
  };
}
