/**
 * `node scripts/link/main.ts`, the last step of the build: links bin/dist/main.js and bin/dist/worker.js into
 * bin/linked/, which bin/keydb-ts prefers while it is newer than every dist/. Does nothing when that is so already.
 * bin/linked/NAME.js turns source maps on and loads NAME-linked.js.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { link } from "./linker.ts";

const root = join(import.meta.dirname, "..", "..");
const target = join(root, "bin", "linked");
const ENTRIES = ["worker", "main"] as const;

interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, { readonly default: string }>>;
}

/** Specifiers of the workspace packages, with their compiled files; and the folders that hold build output. */
function packages(): { files: Map<string, string>; builds: string[] } {
  const files = new Map<string, string>();
  const builds = [join(root, "bin")];
  const folders = readdirSync(join(root, "packages")).map((name) => join("packages", name));
  for (const folder of ["config", ...folders]) {
    const { name, exports } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest;
    for (const [path, entry] of Object.entries(exports ?? {})) {
      files.set(join(name, path), join(root, folder, entry.default));
    }
    builds.push(join(root, folder));
  }
  return { files, builds };
}

function changedMs(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** In one step each: a server may start meanwhile. */
function place(path: string, content: string): void {
  writeFileSync(`${path}.new`, content);
  renameSync(`${path}.new`, path);
}

function linkEntry(entry: string, files: ReadonlyMap<string, string>): void {
  const { code, map } = link({
    root,
    entry: join(root, "bin", "dist", `${entry}.js`),
    target: join(target, `${entry}.js`),
    resolvePackage: (specifier) => files.get(specifier) ?? null,
  });
  place(join(target, `${entry}-linked.js.map`), map);
  place(join(target, `${entry}-linked.js`), `${code}\n//# sourceMappingURL=${entry}-linked.js.map\n`);
  // Maps count only for what is loaded after this: stack traces name the TypeScript sources.
  place(join(target, `${entry}.js`), `process.setSourceMapsEnabled(true);\nawait import("./${entry}-linked.js");\n`);
}

/** Loads both once, so that the server's first start finds them in the compile cache of bin/keydb-ts. */
function warmUp(): void {
  const env = { ...process.env, NODE_COMPILE_CACHE: join(root, "node_modules", ".cache", "keydb-ts") };
  for (const args of [["worker.js"], ["main.js", "--version"]]) {
    const { status, stderr } = spawnSync(process.execPath, [join(target, args[0] ?? ""), ...args.slice(1)], { env });
    if (status !== 0) throw new Error(`bin/linked/${args[0]} does not load: ${stderr}`);
  }
}

const { files, builds } = packages();
const builtMs = Math.max(...builds.map((folder) => changedMs(join(folder, "dist", ".tsbuildinfo"))));
const ownMs = Math.max(...readdirSync(import.meta.dirname).map((name) => changedMs(join(import.meta.dirname, name))));
if (ENTRIES.some((entry) => changedMs(join(target, `${entry}.js`)) < Math.max(builtMs, ownMs))) {
  mkdirSync(target, { recursive: true });
  for (const entry of ENTRIES) linkEntry(entry, files);
  warmUp();
}
