/**
 * Turns a command's spec into the object the server runs. Checks the spec when the module loads: a bad one stops the
 * process at start, not a client at run time.
 */
import { COMMAND_SLOTS } from "../ports/counters.ts";
import type { Access, AclCategory, CommandSpec } from "./command-spec.ts";

export interface Command {
  readonly spec: CommandSpec;
  /** `get`, `config|set`: as COMMAND and the error texts show it. */
  readonly fullName: string;
  readonly parent: Command | null;
  readonly subcommands: ReadonlyMap<string, Command> | null;
  readonly access: Access;
  readonly accessBy: CommandSpec["accessBy"] | null;
  readonly runsInMulti: boolean;
  /** Wants `enable-debug-command` / `enable-module-command`. */
  readonly isProtected: boolean;
  readonly inSubscriberMode: boolean;
  /** Row in the statistics tables; set by the registry. */
  id: number;
  readonly minArgs: number;
  readonly maxArgs: number;
  readonly noAuth: boolean;
  readonly noMulti: boolean;
  readonly skipSlowlog: boolean;
  readonly isMonitored: boolean;
  readonly isWrite: boolean;
  readonly isReadonly: boolean;
  /** Not for scripts, whoever runs them. */
  readonly noScript: boolean;
  /** No write by itself, but not for read-only scripts (PUBLISH and the like). */
  readonly mayReplicate: boolean;
  /** May need memory: refused while `maxmemory` is passed. */
  readonly deniedOnOom: boolean;
  readonly categories: readonly AclCategory[];
  readonly handler: CommandSpec["handler"];
  readonly prepare: CommandSpec["prepare"] | null;
}

const GROUP_CATEGORY: Partial<Record<CommandSpec["group"], AclCategory>> = {
  string: "string",
  list: "list",
  set: "set",
  "sorted-set": "sortedset",
  hash: "hash",
  pubsub: "pubsub",
  transactions: "transaction",
  connection: "connection",
  scripting: "scripting",
  hyperloglog: "hyperloglog",
  geo: "geo",
  stream: "stream",
  bitmap: "bitmap",
  generic: "keyspace",
};

/**
 * Checks a spec and derives what the pipeline needs. Throws on a contradiction.
 */
export function defineCommand(spec: CommandSpec, parent: Command | null = null): Command {
  const fullName = parent === null ? spec.name.toLowerCase() : `${parent.fullName}|${spec.name.toLowerCase()}`;
  checkSpec(spec, fullName);
  const flags = new Set(spec.flags);
  const command: Command & { subcommands: Map<string, Command> | null } = {
    spec,
    fullName,
    parent,
    subcommands: null,
    access: spec.access ?? (flags.has("write") ? "write" : flags.has("readonly") ? "read" : "none"),
    accessBy: spec.accessBy ?? null,
    runsInMulti: spec.runsInMulti ?? false,
    isProtected: flags.has("protected"),
    inSubscriberMode: spec.inSubscriberMode ?? false,
    id: COMMAND_SLOTS - 1,
    minArgs: Math.abs(spec.arity),
    maxArgs: spec.arity > 0 ? spec.arity : Number.MAX_SAFE_INTEGER,
    noAuth: flags.has("no_auth"),
    noMulti: flags.has("no_multi"),
    skipSlowlog: flags.has("skip_slowlog"),
    isMonitored: !flags.has("skip_monitor") && !flags.has("admin"),
    isWrite: flags.has("write"),
    isReadonly: flags.has("readonly"),
    noScript: flags.has("noscript"),
    mayReplicate: flags.has("may_replicate"),
    deniedOnOom: flags.has("denyoom"),
    categories: categoriesOf(spec),
    handler: spec.handler,
    prepare: spec.prepare ?? null,
  };
  if (spec.subcommands !== undefined) {
    command.subcommands = new Map();
    for (const sub of spec.subcommands) command.subcommands.set(sub.name.toLowerCase(), defineCommand(sub, command));
  }
  return command;
}

function checkSpec(spec: CommandSpec, fullName: string): void {
  const fail = (why: string): never => {
    throw new Error(`command ${fullName}: ${why}`);
  };
  if (spec.name !== spec.name.toUpperCase()) fail("name must be upper case");
  if (spec.arity === 0) fail("arity must not be 0");
  if (spec.summary === "" || spec.since === "") fail("summary and since are needed");
  if (spec.flags.includes("write") && spec.flags.includes("readonly")) fail("write and readonly exclude each other");
  for (const key of spec.keys ?? []) {
    if (key.beginSearch.type === "index" && key.beginSearch.index < 1) fail("a key spec starts at argument 1 or later");
  }
}

/** Redis' setImplicitACLCategories: flags imply categories, the group adds one (but not to a container). */
function categoriesOf(spec: CommandSpec): AclCategory[] {
  const flags = new Set<string>(spec.flags);
  const set = new Set<AclCategory>(spec.aclExtra ?? []);
  const isAlone = spec.subcommands === undefined && spec.noGroupCategory !== true;
  const group = isAlone ? GROUP_CATEGORY[spec.group] : undefined;
  if (group !== undefined) set.add(group);
  if (flags.has("write")) set.add("write");
  if (flags.has("readonly") && group !== "scripting") set.add("read");
  if (flags.has("admin")) {
    set.add("admin");
    set.add("dangerous");
  }
  if (flags.has("pubsub")) set.add("pubsub");
  if (flags.has("blocking")) set.add("blocking");
  set.add(flags.has("fast") ? "fast" : "slow");
  return [...set];
}
