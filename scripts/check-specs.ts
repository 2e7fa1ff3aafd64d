/**
 * Checks every command's spec beyond what `defineCommand` refuses at start: what COMMAND DOCS, GETKEYS and the reader of
 * the code rely on. Run by `npm run check`; the comparison with Redis' facts is test/meta's.
 */
import type { ArgSpec, CommandSpec } from "../packages/core/src/command/command-spec.ts";
import { defineCommand } from "../packages/core/src/command/define-command.ts";
import { ALL_COMMANDS } from "../packages/core/src/commands/index.ts";

const faults: string[] = [];
let count = 0;

function checkArgs(name: string, args: readonly ArgSpec[], keySpecs: number): void {
  for (const arg of args) {
    const where = `${name}: argument ${arg.name}`;
    if (arg.type === "key" && arg.keySpecIndex === undefined) faults.push(`${where} is a key without keySpecIndex`);
    if (arg.keySpecIndex !== undefined && arg.keySpecIndex >= keySpecs) {
      faults.push(`${where} names key spec ${arg.keySpecIndex} of ${keySpecs}`);
    }
    if (arg.type === "pure-token" && arg.token === undefined) faults.push(`${where} is a token without its word`);
    const isGroup = arg.type === "oneof" || arg.type === "block";
    if (isGroup !== (arg.args !== undefined)) faults.push(`${where}: only oneof and block have arguments of their own`);
    checkArgs(name, arg.args ?? [], keySpecs);
  }
}

function checkSpec(spec: CommandSpec, parent: string): void {
  const name = parent === "" ? spec.name : `${parent} ${spec.name}`;
  count++;
  if (!spec.summary.endsWith(".")) faults.push(`${name}: the summary is a sentence`);
  if (!/^\d+\.\d+\.\d+$/.test(spec.since)) faults.push(`${name}: since '${spec.since}' is no version`);
  if (spec.complexity === "") faults.push(`${name}: complexity is missing`);
  if ((spec.deprecatedSince !== undefined) !== (spec.docFlags?.includes("deprecated") ?? false)) {
    faults.push(`${name}: deprecatedSince and the doc flag belong together`);
  }
  checkArgs(name, spec.args ?? [], spec.keys?.length ?? 0);
  for (const sub of spec.subcommands ?? []) checkSpec(sub, name);
}

for (const spec of ALL_COMMANDS) {
  defineCommand(spec);
  checkSpec(spec, "");
}
for (const fault of faults) console.error(`check-specs: ${fault}`);
console.log(`check-specs: ${count} specs, ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
