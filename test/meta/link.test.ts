/** scripts/link.ts: the linked form of the processes runs, and its stack traces name the TypeScript sources. */
import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { join } from "node:path";
import t from "tap";

const root = join(import.meta.dirname, "..", "..");
const linked = join(root, "bin", "linked");

function run(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

t.test("the linked main process says what the compiled one says", async (t) => {
  run(join(root, "scripts", "link.ts"));
  t.match(run(join(linked, "main.js"), "--version"), /^keydb-ts/);
  t.equal(run(join(linked, "main.js"), "--version"), run(join(root, "bin", "dist", "main.js"), "--version"));
});

t.test("linking again changes nothing", async (t) => {
  const before = statSync(join(linked, "worker.js")).mtimeMs;
  run(join(root, "scripts", "link.ts"));
  t.equal(statSync(join(linked, "worker.js")).mtimeMs, before);
});

t.test("the map leads to the line of the TypeScript source", async (t) => {
  const code = readFileSync(join(linked, "worker-linked.js"), "utf8").split("\n");
  const map = new SourceMap(JSON.parse(readFileSync(join(linked, "worker-linked.js.map"), "utf8")) as SourceMapPayload);
  const line = code.findIndex((text) => text.includes("release of a write lock that this process does not hold"));
  t.ok(line > 0);
  const entry = map.findEntry(line, (code[line] as string).search(/\S/)) as {
    originalSource: string;
    originalLine: number;
  };
  t.match(entry.originalSource, /packages\/shared-mem\/src\/write-lock\.ts$/);
  const source = readFileSync(join(linked, entry.originalSource), "utf8").split("\n")[entry.originalLine];
  t.match(source, "release of a write lock");
});
