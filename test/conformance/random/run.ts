/**
 * The random differential run: the same rounds of commands on two servers. A round starts with empty databases and ends
 * with its first difference, or with DEBUG DIGEST equal on both. What differs is made small (minimise.ts): the fewest
 * commands that still show it.
 */
import type { RespClient } from "../../support/resp-client.ts";
import { encodeCommand } from "../../support/resp-client.ts";
import { showBytes, showWords } from "../scenario.ts";
import { agree } from "./agree.ts";
import { limitCommands, makeRound, type Round, type RoundOptions, type Step } from "./commands.ts";
import { minimise } from "./minimise.ts";

/** Opens the connections of a round to one server: `count`, spread over its processes where it has several. */
export type Connect = (count: number) => Promise<RespClient[]>;

export interface RunOptions extends RoundOptions {
  readonly count: number;
  readonly seed: number;
  /** Runs only the round of this seed. */
  readonly roundSeed?: number;
  /** Differences after which the run ends. */
  readonly maxDifferences: number;
  readonly log: (text: string) => void;
}

export interface Difference {
  /** Index of the step; the number of steps when only the digests differ. */
  readonly step: number;
  readonly ours: string;
  readonly theirs: string;
}

/** Runs `count` commands; the number of differences. Each is shown through `log`, made small. */
export async function runRandom(ours: Connect, reference: Connect, options: RunOptions): Promise<number> {
  let differences = 0;
  let done = 0;
  for (let number = 0; done < options.count && differences < options.maxDifferences; number++) {
    const round = makeRound(options.roundSeed ?? (options.seed * 1000 + number) >>> 0, options);
    const pair = new Pair(ours, reference, round);
    const found = await pair.run(round.steps);
    done += found === null ? round.steps.length : found.step;
    if (found !== null) {
      differences++;
      options.log(`difference ${differences}, round ${number} (--round-seed ${round.seed}, limits ${round.limits}):`);
      options.log(await explain(pair, round, found));
    }
    await pair.close();
    if (options.roundSeed !== undefined) break;
    if (number % 20 === 19) options.log(`${done} commands, ${differences} differences`);
  }
  return differences;
}

/** The round made small, as text. */
async function explain(pair: Pair, round: Round, found: Difference): Promise<string> {
  const steps = round.steps.slice(0, found.step + 1);
  const isDigest = found.step >= round.steps.length;
  const still = async (candidate: readonly Step[]): Promise<Difference | null> => {
    const difference = await pair.run(candidate);
    const isSame = difference !== null && difference.step >= candidate.length === isDigest;
    return isSame && (isDigest || difference.step === candidate.length - 1) ? difference : null;
  };
  const small = await minimise(steps, isDigest, async (candidate) => (await still(candidate)) !== null);
  const last = (await still(small)) ?? found;
  const isOne = new Set(small.map((step) => step.client)).size === 1;
  if (small.length > SHOWN_STEPS) return `    (not seen again in ${steps.length} steps) ${shownStep(found, round)}`;
  const lines = small.map((step) => {
    const who = isOne ? "" : `[${step.client}, RESP${round.protocols[step.client]}] `;
    return `    ${who}${showWords(step.words)}`;
  });
  if (isOne) lines.unshift(`    (RESP${round.protocols[small[0]?.client ?? 0]})`);
  if (isDigest) lines.push("    DEBUG DIGEST");
  const cut = (text: string): string => (text.length > 400 ? `${text.slice(0, 400)}...(${text.length})` : text);
  return [...lines, `  reference: ${cut(last.theirs)}`, `  ours:      ${cut(last.ours)}`].join("\n");
}

/** More steps than these explain nothing. */
const SHOWN_STEPS = 40;

function shownStep(found: Difference, round: Round): string {
  const step = round.steps[found.step];
  const command = step === undefined ? "DEBUG DIGEST" : showWords(step.words);
  return `${command}\n  reference: ${found.theirs.slice(0, 400)}\n  ours:      ${found.ours.slice(0, 400)}`;
}

/** A pair of servers in the state of one round. */
class Pair {
  readonly #connects: readonly [Connect, Connect];
  readonly #round: Round;
  #sides: [RespClient[], RespClient[]] | null = null;

  constructor(ours: Connect, reference: Connect, round: Round) {
    this.#connects = [ours, reference];
    this.#round = round;
  }

  /** Runs steps from a clean start; the first difference, or null. */
  async run(steps: readonly Step[]): Promise<Difference | null> {
    const { protocols, limits } = this.#round;
    this.#sides ??= [await this.#connects[0](protocols.length), await this.#connects[1](protocols.length)];
    const [ours, theirs] = this.#sides;
    await Promise.all([ours, theirs].map((clients) => prepare(clients, protocols, limits)));
    const queues: (readonly string[])[][] = protocols.map(() => []);
    for (let start = 0; start < steps.length; ) {
      const client = (steps[start] as Step).client;
      let end = start;
      while (end < steps.length && steps[end]?.client === client) end++;
      const batch = steps.slice(start, end);
      const [mine, others] = await Promise.all([send(ours[client], batch), send(theirs[client], batch)]);
      for (let i = 0; i < batch.length; i++) {
        const [a, b, words] = [mine[i], others[i], (batch[i] as Step).words];
        if (a === undefined || b === undefined) throw new Error("a reply is missing");
        const queued = queues[client] as (readonly string[])[];
        if (!agree(a, b, { words, queued }, limits === "high")) {
          return { step: start + i, ours: shown(a), theirs: shown(b) };
        }
        follow(queued, words, a);
      }
      start = end;
    }
    const [x, y] = await Promise.all([digest(ours), digest(theirs)]);
    return x === y ? null : { step: steps.length, ours: x, theirs: y };
  }

  async close(): Promise<void> {
    for (const client of this.#sides?.flat() ?? []) client.destroy();
  }
}

/** Keeps what a connection has queued since MULTI, by the reply to its last command. */
function follow(queued: (readonly string[])[], words: readonly string[], reply: Buffer): void {
  const name = (words[0] ?? "").toUpperCase();
  if (reply.equals(QUEUED)) queued.push(words);
  else if (name === "EXEC" || name === "DISCARD") queued.length = 0;
}

const QUEUED = Buffer.from("+QUEUED\r\n");

function shown(frame: Buffer): string {
  return showBytes(frame.toString("latin1"));
}

async function digest(clients: readonly RespClient[]): Promise<string> {
  const [client] = clients;
  if (client === undefined) return "";
  const discarded = client.call("DISCARD");
  const reply = client.call("DEBUG", "DIGEST");
  await discarded;
  return String(await reply);
}

/** Empty databases, the round's thresholds, connections without a past. */
async function prepare(clients: readonly RespClient[], protocols: readonly number[], limits: string): Promise<void> {
  await Promise.all(
    clients.map((client, i) =>
      client.pipeline([["DISCARD"], ["UNWATCH"], ["SELECT", "0"], ["HELLO", protocols[i] ?? 2]]),
    ),
  );
  const [first] = clients;
  for (const words of [["FLUSHALL"], ...limitCommands(limits)]) await first?.ok(...words);
}

async function send(client: RespClient | undefined, batch: readonly Step[]): Promise<Buffer[]> {
  if (client === undefined) throw new Error("no such connection");
  client.sendRaw(
    Buffer.concat(batch.map((step) => encodeCommand(step.words.map((word) => Buffer.from(word, "latin1"))))),
  );
  return Promise.all(batch.map(() => client.readRaw()));
}
