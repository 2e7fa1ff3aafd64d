/**
 * `node scripts/link.ts`, the last step of the build: bundles bin/dist/main.js and bin/dist/worker.js into bin/linked/,
 * which bin/keydb-ts prefers while it is newer than every dist/: some 330 modules in one file start in half the time.
 * Does nothing when that is so already. bin/linked/NAME.js turns source maps on and loads NAME-linked.js.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const root = join(import.meta.dirname, "..");
const target = join(root, "bin", "linked");
const ENTRIES = ["worker", "main"] as const;
const FOLDERS = ["bin", "config", ...readdirSync(join(root, "packages")).map((name) => join("packages", name))];

function changedMs(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** What stays outside: every package that is not one of ours. */
function outsidePackages(): string[] {
  const names = ["package.json", ...FOLDERS.slice(1).map((folder) => join(folder, "package.json"))].flatMap((path) => {
    const { dependencies = {} } = JSON.parse(readFileSync(join(root, path), "utf8")) as {
      dependencies?: Record<string, string>;
    };
    return Object.keys(dependencies);
  });
  return [...new Set(names)].filter((name) => !name.startsWith("@keydb-ts/"));
}

/** In one step each: a server may start meanwhile. */
function place(path: string, content: string | Uint8Array): void {
  writeFileSync(`${path}.new`, content);
  renameSync(`${path}.new`, path);
}

async function link(entry: string): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: [join(root, "bin", "dist", `${entry}.js`)],
    outfile: join(target, `${entry}-linked.js`),
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node22",
    external: outsidePackages(),
    sourcemap: true,
    sourcesContent: false,
    write: false,
  });
  // The map first: the code names it.
  for (const { path, contents } of outputFiles.toSorted((a, b) => b.path.length - a.path.length)) place(path, contents);
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

const builtMs = Math.max(...FOLDERS.map((folder) => changedMs(join(root, folder, "dist", ".tsbuildinfo"))));
const wantedMs = Math.max(builtMs, changedMs(import.meta.filename));
if (ENTRIES.some((entry) => changedMs(join(target, `${entry}.js`)) < wantedMs)) {
  mkdirSync(target, { recursive: true });
  for (const entry of ENTRIES) await link(entry);
  warmUp();
}
