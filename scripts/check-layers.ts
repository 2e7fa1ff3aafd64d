/**
 * Checks every import under packages/, config/ and bin/ against the table of layers: which unit may import which, which
 * external modules each may use, and that no two folders of core import each other in a circle.
 * A unit is a folder of core ("core/types") or a whole package ("shared-mem"). Prints each offence; exit code 1 if any.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";

const root = join(import.meta.dirname, "..");

/** `types` are units of which only types may be imported. */
interface Layer {
  readonly units: readonly string[];
  readonly types?: readonly string[];
  /** External modules and Node built-ins; "node:*" stands for all but the guarded ones below. */
  readonly external?: readonly string[];
}

const CORE_BUILT_INS = ["node:buffer", "node:crypto", "node:util"];
const CORE_BUT_COMMANDS = [
  "base",
  "resp",
  "codec",
  "store",
  "ports",
  "keyspace",
  "types",
  "command",
  "session",
  "server",
  "rdb",
];
/** Built-ins that only a unit that names them may import. */
const GUARDED = ["node:net", "node:tls", "node:child_process", "node:cluster", "node:http", "node:https", "node:dgram"];

const LAYERS: Readonly<Record<string, Layer>> = {
  "core/base": { units: [] },
  "core/resp": { units: ["base"] },
  "core/codec": { units: ["base"] },
  "core/store": { units: [], types: ["base"] },
  "core/ports": { units: [], types: ["base"] },
  "core/keyspace": { units: ["base", "codec", "store", "ports"] },
  "core/types": { units: ["base", "codec", "keyspace", "store"] },
  "core/command": { units: ["base", "resp", "codec", "ports"], types: ["keyspace", "store", "session"] },
  "core/commands": { units: ["base", "command", "keyspace", "types", "rdb", "ports"], types: ["resp"] },
  "core/session": { units: CORE_BUT_COMMANDS },
  "core/server": { units: [...CORE_BUT_COMMANDS, "scripting", "commands/index"] },
  "core/rdb": { units: ["base", "codec", "keyspace", "types", "store"] },
  "core/scripting": { units: CORE_BUT_COMMANDS },
  "core/contracts": { units: ["ports", "store"] },
  "core/index": { units: [...CORE_BUT_COMMANDS, "scripting", "commands/index"] },
  "shared-mem": { units: ["core"], external: ["lmdb", "koffi", "node:*"] },
  "proc-shard": {
    units: ["core"],
    external: ["msgpackr", "node:*", "node:net", "node:tls", "node:child_process", "node:cluster"],
  },
  "active-replica": { units: ["core"], external: ["msgpackr", "redis-parser", "node:*", "node:net", "node:tls"] },
  config: { units: ["core"], external: ["convict", "yaml", "node:*"] },
  bin: { units: ["core", "shared-mem", "proc-shard", "active-replica", "config"], external: ["node:*"] },
};

const IMPORT =
  /(?:^|[;}\s])(?:import|export)\s+(type\s+)?(?:[\w*{][^"';]*?\s+from\s+)?"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)/g;

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name));
}

/** "packages/core/src/types/string.ts" -> "core/types"; "packages/shared-mem/src/lmdb.ts" -> "shared-mem". */
function unitOf(path: string): string {
  const parts = path.replace(/^packages\//, "").split("/");
  if (parts[0] !== "core") return parts[0] ?? "";
  return `core/${(parts[2] ?? "").replace(/\.ts$/, "")}`;
}

/** Why `from` (a file) may not import `specifier`, or null when it may. Notes core's folder edges in `edges`. */
function offence(from: string, specifier: string, typeOnly: boolean, edges: Map<string, Set<string>>): string | null {
  const unit = unitOf(from);
  const layer = LAYERS[unit];
  if (layer === undefined) return `folder ${unit} is not in the table of layers`;
  if (specifier.startsWith(".")) {
    const target = normalize(join(dirname(from), specifier));
    const other = unitOf(target);
    if (other === unit) return null;
    if (!other.startsWith("core/") || !unit.startsWith("core/")) return `reaches into ${other} by path`;
    edges.set(unit, (edges.get(unit) ?? new Set()).add(other));
    const folder = other.slice("core/".length);
    const file = target.includes("/commands/index.") ? "commands/index" : folder;
    if (layer.units.includes(folder) || layer.units.includes(file)) return null;
    if (layer.types?.includes(folder)) return typeOnly ? null : `may import only types of ${other}`;
    return `may not import ${other}`;
  }
  if (specifier.startsWith("@keydb-ts/")) {
    const other = specifier.slice("@keydb-ts/".length).replace(/^core\/contracts$/, "core");
    return layer.units.includes(other) ? null : `may not import package ${other}`;
  }
  const allowed = unit.startsWith("core/") ? CORE_BUILT_INS : (layer.external ?? []);
  if (allowed.includes(specifier)) return null;
  if (specifier.startsWith("node:") && allowed.includes("node:*") && !GUARDED.includes(specifier)) return null;
  return `may not import ${specifier}`;
}

/** A circle in the graph of folders, as the list of its members, or null. */
function findCircle(edges: ReadonlyMap<string, ReadonlySet<string>>): string[] | null {
  const done = new Set<string>();
  const visit = (unit: string, path: string[]): string[] | null => {
    if (path.includes(unit)) return [...path.slice(path.indexOf(unit)), unit];
    if (done.has(unit)) return null;
    for (const next of edges.get(unit) ?? []) {
      const circle = visit(next, [...path, unit]);
      if (circle !== null) return circle;
    }
    done.add(unit);
    return null;
  };
  for (const unit of edges.keys()) {
    const circle = visit(unit, []);
    if (circle !== null) return circle;
  }
  return null;
}

const folders = [
  "packages/core",
  "packages/shared-mem",
  "packages/proc-shard",
  "packages/active-replica",
  "config",
  "bin",
];
const edges = new Map<string, Set<string>>();
const offences: string[] = [];
let imports = 0;
for (const file of folders.flatMap((folder) => sources(join(folder, "src")))) {
  const text = readFileSync(join(root, file), "utf8").replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  for (const [, type, fixed, dynamic] of text.matchAll(IMPORT)) {
    imports++;
    // Type-only imports vanish at run time, so they make no circle; the table still decides which are allowed.
    const typeOnly = type !== undefined;
    const reason = offence(file, fixed ?? dynamic ?? "", typeOnly, typeOnly ? new Map() : edges);
    if (reason !== null) offences.push(`${relative(".", file)}: ${reason}`);
  }
}
const circle = findCircle(edges);
if (circle !== null) offences.push(`folders import each other in a circle: ${circle.join(" -> ")}`);
for (const text of offences) console.error(text);
console.log(`layers: ${imports} imports checked, ${offences.length} offences`);
process.exitCode = offences.length > 0 ? 1 : 0;
