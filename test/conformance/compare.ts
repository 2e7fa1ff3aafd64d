/**
 * The comparison itself: every scenario on our server and on a reference (live or recorded), differences sorted into
 * explained ones (differences.json) and others.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { difference } from "./masks.ts";
import { Recording } from "./recording.ts";
import { type Endpoint, missingCommands, resetServer, runScenario } from "./run-scenario.ts";
import { type Scenario, type Step, showBytes, showWords } from "./scenario.ts";

/** A deliberate difference. `command` is compared with the typed command; * stands for anything. */
interface Explanation {
  readonly group: string;
  readonly command: string;
  readonly protocol?: number;
  readonly reason: string;
}

export interface Difference {
  readonly where: string;
  readonly command: string;
  readonly what: string;
  readonly reference: string;
  readonly ours: string;
  /** From differences.json; undefined when nothing explains it. */
  readonly reason?: string;
}

export interface Outcome {
  steps: number;
  readonly differences: Difference[];
  /** Scenarios that were not run, and why. */
  readonly skipped: string[];
  /** Entries of differences.json that no longer explain anything. */
  stale: string[];
}

function loadExplanations(): Explanation[] {
  return JSON.parse(readFileSync(join(import.meta.dirname, "differences.json"), "utf8")) as Explanation[];
}

function matches(pattern: string, text: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "is").test(text);
}

function commandText(step: Step): string {
  return step.kind === "raw" ? `@raw ${showBytes(step.words[0] ?? "").slice(0, 200)}` : showWords(step.words);
}

function heading(scenario: Scenario, protocol: number): string {
  return `${scenario.title} [resp${protocol}]`;
}

/** Records what the reference answers. */
export async function record(scenarios: readonly Scenario[], reference: Endpoint): Promise<number> {
  const recordings = new Map<string, Recording>();
  let steps = 0;
  for (const scenario of scenarios) {
    const recording = recordings.get(scenario.group) ?? new Recording(scenario.group);
    recordings.set(scenario.group, recording);
    for (const protocol of scenario.protocols) {
      recording.begin(heading(scenario, protocol));
      await runScenario(scenario, protocol, [reference], (step, [reply = ""]) => {
        recording.add(commandText(step), reply);
        steps++;
      });
    }
  }
  for (const recording of recordings.values()) recording.save();
  return steps;
}

/** Compares; `reference` null stands for the recorded replies. */
export async function compare(
  scenarios: readonly Scenario[],
  ours: Endpoint,
  reference: Endpoint | null,
): Promise<Outcome> {
  const outcome: Outcome = { steps: 0, differences: [], skipped: [], stale: [] };
  const explanations = loadExplanations();
  const used = new Set<Explanation>();
  for (const scenario of scenarios) {
    await resetServer(ours);
    const missing = await missingCommands(ours, scenario.needs);
    if (missing.length > 0) {
      outcome.skipped.push(`${scenario.group}: ${scenario.title} (no ${missing.join(" ")})`);
      continue;
    }
    const recording = reference === null ? Recording.load(scenario.group) : null;
    for (const protocol of scenario.protocols) {
      if (recording?.seek(heading(scenario, protocol)) === false) {
        outcome.skipped.push(`${scenario.group}: ${heading(scenario, protocol)} (not recorded)`);
        continue;
      }
      const endpoints = reference === null ? [ours] : [ours, reference];
      await runScenario(scenario, protocol, endpoints, (step, [reply = "", other = ""]) => {
        const command = commandText(step);
        const expected =
          recording === null ? other : (recording.next(command) ?? "the recording has another command here");
        outcome.steps++;
        const what = difference(expected, reply, step.mask);
        if (what === null) return;
        const explanation = explanations.find(
          (entry) =>
            entry.group === scenario.group &&
            (entry.protocol ?? protocol) === protocol &&
            matches(entry.command, command),
        );
        if (explanation !== undefined) used.add(explanation);
        outcome.differences.push({
          where: `${scenario.group}.txt:${step.line} ${heading(scenario, protocol)}`,
          command,
          what,
          reference: expected,
          ours: reply,
          ...(explanation !== undefined && { reason: explanation.reason }),
        });
      });
    }
  }
  const groups = new Set(scenarios.map((scenario) => scenario.group));
  const stale = explanations.filter((entry) => groups.has(entry.group) && !used.has(entry));
  outcome.stale = stale.map((entry) => `${entry.group}: ${entry.command}`);
  return outcome;
}

export function describe(entry: Difference): string {
  const cut = (text: string): string => (text.length > 500 ? `${text.slice(0, 500)}...(${text.length})` : text);
  const lines = [
    `${entry.where}: ${entry.command}`,
    `    reference: ${cut(entry.reference)}`,
    `    ours:      ${cut(entry.ours)}`,
  ];
  if (entry.what !== "differs") lines.push(`    ${entry.what}`);
  if (entry.reason !== undefined) lines.push(`    deliberate: ${entry.reason}`);
  return lines.join("\n");
}
