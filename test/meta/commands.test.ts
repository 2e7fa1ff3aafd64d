/**
 * Every command against the facts recorded of Redis 7.2.4 (scripts/record-commands.ts), and the specs themselves: each
 * command file is registered, each spec is complete.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import type { CommandSpec } from "../../packages/core/src/command/command-spec.ts";
import { ALL_COMMANDS } from "../../packages/core/src/commands/index.ts";
import { type CommandFact, describeCommands } from "../support/command-facts.ts";
import { startWorker } from "../support/run.ts";

const RECORDED = readFileSync(join(import.meta.dirname, "redis-7.2-commands.jsonl"), "utf8");
const recorded: Record<string, CommandFact | undefined> = Object.fromEntries(
  RECORDED.trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as [string, CommandFact]),
);

/** Commands and subcommands that Redis 7.2 does not have, besides KEYDB.*. */
const OURS = new Set([
  // KeyDB
  ...["expdel", "expiremember", "expirememberat", "object|lastmodified", "pexpirememberat"],
  // Redis 7.4 and 8.0
  ...["hexpire", "hexpireat", "hexpiretime", "hgetdel", "hgetex", "hpersist", "hpexpire", "hpexpireat", "hpexpiretime"],
  ...["hpttl", "hsetex", "httl"],
]);

/** Facts that differ on purpose: name -> field -> why. */
const TAKES_A_MEMBER = "takes a member as KeyDB does";
const DIFFERENCES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  persist: { arity: TAKES_A_MEMBER, args: TAKES_A_MEMBER },
  pttl: { arity: TAKES_A_MEMBER, args: TAKES_A_MEMBER },
  ttl: { arity: TAKES_A_MEMBER, args: TAKES_A_MEMBER },
};

t.test("facts equal those of Redis 7.2.4", async (t) => {
  const worker = await startWorker(t);
  const client = worker.connect();
  await client.run("HELLO", "3");
  const ours = await describeCommands((...args) => client.run(...args));
  for (const [name, fact] of Object.entries(ours)) {
    const expected = recorded[name];
    if (expected === undefined) {
      t.ok(OURS.has(name) || name.startsWith("keydb."), `${name} is known to be ours`);
      continue;
    }
    const excused = DIFFERENCES[name] ?? {};
    const fields = new Set([...Object.keys(expected), ...Object.keys(fact)]) as Set<keyof CommandFact>;
    const different = [...fields].filter((field) => !(field in excused) && !equal(fact[field], expected[field]));
    t.same(
      Object.fromEntries(different.map((field) => [field, fact[field]])),
      Object.fromEntries(different.map((field) => [field, expected[field]])),
      name,
    );
    for (const field of Object.keys(excused) as (keyof CommandFact)[]) {
      t.notOk(equal(fact[field], expected[field]), `${name}: ${field} still differs`);
    }
  }
});

function equal(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

const SOURCES = join(import.meta.dirname, "../../packages/core/src/commands");

function isSpec(value: unknown): value is CommandSpec {
  return typeof value === "object" && value !== null && "arity" in value && "handler" in value && "name" in value;
}

t.test("every spec in a command file is registered", async (t) => {
  const registered = new Set<CommandSpec>();
  for (const spec of ALL_COMMANDS) for (const one of [spec, ...(spec.subcommands ?? [])]) registered.add(one);
  const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" });
  for (const file of files.filter((name) => name.endsWith(".ts") && !name.endsWith("index.ts"))) {
    const module = (await import(join(SOURCES, file))) as Record<string, unknown>;
    for (const [name, value] of Object.entries(module)) {
      if (isSpec(value)) t.ok(registered.has(value), `${file}: ${name}`);
    }
  }
});

t.test("every spec is complete", async (t) => {
  for (const spec of ALL_COMMANDS.flatMap((spec) => [spec, ...(spec.subcommands ?? [])])) {
    t.match(spec.since, /^\d+\.\d+\.\d+$/, `${spec.name}: since`);
    t.ok(spec.summary.endsWith(".") && spec.summary.length > 10, `${spec.name}: summary`);
    t.not(spec.complexity, "", `${spec.name}: complexity`);
  }
});
