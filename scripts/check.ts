/**
 * `npm run check`: types of everything (packages are already built when this runs; here tests and scripts), lint and
 * format, layers, command specs. Runs all of them, prints what failed, exits 1 if any did.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const module = (...parts: string[]): string => join(root, "node_modules", ...parts);

const CHECKS: readonly (readonly [name: string, args: readonly string[]])[] = [
  ["types of scripts", [module("typescript", "bin", "tsc"), "-p", "scripts/tsconfig.json"]],
  ["types of tests", [module("typescript", "bin", "tsc"), "-p", "test/tsconfig.json"]],
  ["lint and format", [module("@biomejs", "biome", "bin", "biome"), "check", "--max-diagnostics=50"]],
  ["layers", [join("scripts", "check-layers.ts")]],
  ["command specs", [join("scripts", "check-specs.ts")]],
];

const failed: string[] = [];
for (const [name, args] of CHECKS) {
  const [file = ""] = args;
  if (!existsSync(join(root, file)) && !existsSync(file)) {
    failed.push(`${name} (${file} is missing)`);
    continue;
  }
  console.log(`check: ${name}`);
  const result = spawnSync(process.execPath, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  if (result.status !== 0) failed.push(name);
}
console.log(failed.length === 0 ? "check: all passed" : `check: failed: ${failed.join(", ")}`);
process.exitCode = failed.length === 0 ? 0 : 1;
