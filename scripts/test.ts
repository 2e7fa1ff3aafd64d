/**
 * `npm test [-- FILE...]`: runs the test files under tap, prints a line per file, the failures, the coverage of all
 * processes that ran (the servers that tests start too) and, last, "N passed, N failed".
 *
 * Coverage is V8's own: every process started below here inherits NODE_V8_COVERAGE and writes what it ran when it ends
 * (a process killed with -9 writes nothing); the counts are mapped from dist/ back to src/ through the source maps.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { createInterface } from "node:readline";
import { TapLines } from "./tap-lines.ts";

const root = join(import.meta.dirname, "..");
const coverageDir = join(root, "coverage");
const rawDir = join(coverageDir, "raw");
const SHOWN = [
  "packages/core",
  "packages/shared-mem",
  "packages/proc-shard",
  "packages/active-replica",
  "config",
  "bin",
];

interface Share {
  readonly total: number;
  readonly covered: number;
}
type FileCoverage = Record<"lines" | "functions" | "branches", Share>;

/** tap takes every file of a folder for a test; here a folder stands for the *.test.ts files in it. */
function testFiles(argument: string): string[] {
  if (argument.startsWith("-") || !statSync(argument, { throwIfNoEntry: false })?.isDirectory()) return [argument];
  const names = readdirSync(argument, { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(".test.ts")).map((name) => join(argument, name));
}

function runTap(args: string[], lines: TapLines): Promise<number> {
  const tap = join(root, "node_modules", "tap", "dist", "esm", "run.mjs");
  const child = spawn(
    process.execPath,
    [tap, "run", "--reporter=tap", `--test-env=NODE_V8_COVERAGE=${rawDir}`, ...args],
    { cwd: root, stdio: ["ignore", "pipe", "inherit"] },
  );
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  createInterface({ input: child.stdout }).on("line", (line) => lines.line(line));
  return new Promise((resolve) => child.on("close", (code) => resolve(code ?? 1)));
}

/** Merges the raw files into coverage/coverage-summary.json and coverage/lcov.info; false when that failed. */
function mergeCoverage(): boolean {
  const args = ["report", "--temp-directory", rawDir, "--reports-dir", coverageDir, "--reporter", "json-summary"];
  args.push("--reporter", "lcovonly", "--exclude-after-remap", "--merge-async");
  for (const path of SHOWN) args.push("--include", `${path}/src/**`);
  const c8 = spawnSync(process.execPath, [join(root, "node_modules", "c8", "bin", "c8.js"), ...args], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
  rmSync(rawDir, { recursive: true, force: true });
  return c8.status === 0;
}

function percent(files: FileCoverage[], what: keyof FileCoverage): string {
  let total = 0;
  let covered = 0;
  for (const file of files) {
    total += file[what].total;
    covered += file[what].covered;
  }
  return total === 0 ? "-" : ((100 * covered) / total).toFixed(1);
}

function printCoverage(): void {
  const path = join(coverageDir, "coverage-summary.json");
  if (!mergeCoverage() || !existsSync(path)) {
    console.log("coverage: none was recorded");
    return;
  }
  const summary = JSON.parse(readFileSync(path, "utf8")) as Record<string, FileCoverage>;
  const entries = Object.entries(summary).filter(([name]) => name !== "total");
  console.log("\ncoverage of what was run, %          lines functions branches  files");
  for (const shown of [...SHOWN, "all"]) {
    const files = entries.filter(([name]) => shown === "all" || relative(root, name).startsWith(`${shown}/`));
    if (files.length === 0) continue;
    const of = files.map(([, coverage]) => coverage);
    const cells = [percent(of, "lines").padStart(8), percent(of, "functions").padStart(9)];
    console.log(
      `  ${shown.padEnd(32)}${cells.join(" ")} ${percent(of, "branches").padStart(8)} ${String(of.length).padStart(6)}`,
    );
  }
}

rmSync(coverageDir, { recursive: true, force: true });
mkdirSync(rawDir, { recursive: true });
const lines = new TapLines((line) => console.log(line));
const code = await runTap(process.argv.slice(2).flatMap(testFiles), lines);
printCoverage();
if (code !== 0 && lines.failed === 0) {
  console.log(`\nthe test runner itself failed (exit code ${code})`);
  lines.failed++;
}
if (lines.skipped > 0) console.log(`\n${lines.skipped} skipped`);
console.log(`${lines.passed} passed, ${lines.failed} failed`);
process.exitCode = lines.failed > 0 || lines.passed === 0 ? 1 : 0;
