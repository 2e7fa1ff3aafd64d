// The effects of commands, argument by argument, beside what redis-server tells its replicas and its append-only file; and
// beside what 7.2.4 told when it was recorded (RECORD_EFFECTS=1 records it again), for machines that have none.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { PROPAGATE } from "../../packages/core/src/ports/op-log.ts";
import { CollectingOpLog, lineOf, type ToldUnit, toldTo } from "../support/op-log.ts";
import { ReplicationStream, readAppendOnly, type StreamedEffect } from "../support/replication-stream.ts";
import type { RespClient } from "../support/resp-client.ts";
import { startWorker, type TestClient, type TestWorker } from "../support/run.ts";
import { referenceVersion, startReference } from "../support/server.ts";
import type { ServerProcess } from "../support/server-process.ts";
import { sleep, waitUntil } from "../support/wait-until.ts";
import { EFFECT_CASES, type EffectCase, type EffectStep } from "./effects.ts";
import { commandSource } from "./random/commands.ts";
import { RoundRandom } from "./random/words.ts";

const [major = 0, minor = 0] = referenceVersion() ?? [];
const isReference = major > 7 || (major === 7 && minor >= 2);
const skip = isReference ? false : "no redis-server 7.2 or newer; name one with REDIS_SERVER";

/** The part of tap that is used. */
type Checks = Pick<typeof t, "same" | "notOk" | "pass">;

/** Set on redis-server behind each step: what came before it is the step's. */
const MARK = "effects:mark";
/** Clocks of the two servers, and the time between the two runs of a step. */
const TOLERANCE_MS = 10_000;

class Reference {
  readonly server: ServerProcess;
  readonly stream: ReplicationStream;
  private readonly clients: Map<string, RespClient> = new Map();
  private marks = 0;
  private taken = 0;

  constructor(server: ServerProcess, stream: ReplicationStream) {
    this.server = server;
    this.stream = stream;
  }

  async client(name: string): Promise<RespClient> {
    const known = this.clients.get(name) ?? (await this.server.connect());
    this.clients.set(name, known);
    return known;
  }

  /** The units since the last mark. */
  async take(): Promise<string[][]> {
    const mark = String(++this.marks);
    await (await this.client("mark")).ok("SET", MARK, mark);
    const isMark = ([first]: readonly StreamedEffect[]): boolean =>
      first?.args[1]?.toString() === MARK && first.args[2]?.toString() === mark;
    await waitUntil("the mark in the stream", () => this.stream.units.some(isMark));
    const end = this.stream.units.findIndex(isMark);
    const units = this.stream.units.slice(this.taken, end);
    this.taken = end + 1;
    return units.map((unit) => unit.map(lineOf));
  }

  close(): void {
    this.stream.close();
    for (const client of this.clients.values()) client.destroy();
  }
}

async function runOn(step: EffectStep, client: RespClient | TestClient, waiting: Map<string, Promise<unknown>>) {
  const words = step.words.map((word) => Buffer.from(word, "latin1"));
  const name = step.client ?? "a";
  const reply = "run" in client ? client.run(...words) : client.call(...words);
  if (step.blocks) {
    waiting.set(name, reply);
    await sleep(20);
  } else await reply;
  if (step.serves !== undefined) await waiting.get(step.serves);
  // What reads found due is deleted after the turn.
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Whether two lines agree: numbers that are times, and IDs made of them, may differ by a little. */
function isSame(ours: string, theirs: string, isRandom: boolean): boolean {
  const [a, b] = [ours.split(" "), theirs.split(" ")];
  if (a.length !== b.length) return false;
  return a.every((word, i) => word === b[i] || (isRandom && i > 2) || isTimeNear(word, b[i] ?? ""));
}

function isTimeNear(a: string, b: string): boolean {
  const [x, y] = [a, b].map((word) => /^(\d{13})(-\d+)?$/.exec(word));
  return x != null && y != null && x[2] === y[2] && Math.abs(Number(x[1]) - Number(y[1])) < TOLERANCE_MS;
}

function agree(a: readonly string[][], b: readonly string[][], isRandom: boolean): boolean {
  if (a.length !== b.length) return false;
  return a.every((unit, i) => {
    const other = b[i] ?? [];
    return unit.length === other.length && unit.every((line, n) => isSame(line, other[n] ?? "", isRandom));
  });
}

/** What redis-server told of each step of the cases by title, times as TIME. */
type Recorded = Record<string, string[][][]>;
const RECORDED = join(import.meta.dirname, "recorded", "effects.json");
const recording: Recorded = {};

function record(title: string, units: string[][]): void {
  const steps = recording[title] ?? [];
  steps.push(units);
  recording[title] = steps;
}

const masked = (units: readonly (readonly string[])[]): string[][] =>
  units.map((unit) => unit.map((line) => line.replace(/\b\d{13}\b/g, "TIME")));

async function compare(t: Checks, entry: EffectCase, worker: TestWorker, log: CollectingOpLog, reference: Reference) {
  const clients = new Map<string, TestClient>();
  const [mine, theirs] = [new Map<string, Promise<unknown>>(), new Map<string, Promise<unknown>>()];
  const aof: { text: string; units: ToldUnit[] }[] = [];
  for (const step of entry.steps) {
    const name = step.client ?? "a";
    const client = clients.get(name) ?? worker.connect();
    clients.set(name, client);
    if (step.afterMs !== undefined) await sleep(step.afterMs);
    await runOn(step, await reference.client(`${entry.title}/${name}`), theirs);
    await runOn(step, client, mine);
    const units = log.units.splice(0);
    aof.push({ text: step.words.join(" "), units });
    const [ours, told] = [toldTo(units, PROPAGATE.replicas), await reference.take()];
    record(entry.title, masked(told));
    const text = step.words.join(" ");
    if (step.ours !== undefined) {
      t.same(masked(ours), step.ours.units, `${text}: ours, since ${step.ours.reason}`);
      t.notOk(agree(ours, told, false), `${text}: the difference is still one`);
    } else if (agree(ours, told, step.isRandom === true)) t.pass(text);
    else t.same(ours, told, text);
  }
  for (const client of clients.values()) client.close();
  return aof;
}

t.test("beside what was recorded of redis-server 7.2.4", async (t) => {
  const recorded = JSON.parse(readFileSync(RECORDED, "utf8")) as Recorded;
  for (const entry of EFFECT_CASES) {
    const worker = await startWorker(t, { activeExpire: false, config: entry.config ?? {} });
    const log = new CollectingOpLog();
    worker.server.tellEffects(log);
    const clients = new Map<string, TestClient>();
    const waiting = new Map<string, Promise<unknown>>();
    for (const [i, step] of entry.steps.entries()) {
      const client = clients.get(step.client ?? "a") ?? worker.connect();
      clients.set(step.client ?? "a", client);
      if (step.afterMs !== undefined) await sleep(step.afterMs);
      await runOn(step, client, waiting);
      const ours = masked(log.take(PROPAGATE.replicas));
      const told = step.ours?.units ?? recorded[entry.title]?.[i] ?? [];
      if (!agree(ours, told as string[][], step.isRandom === true)) t.same(ours, told, step.words.join(" "));
    }
    for (const client of clients.values()) client.close();
    t.pass(entry.title);
  }
});

t.test("beside redis-server", { skip }, async (t) => {
  const config = { appendonly: "yes", appendfsync: "always", "repl-diskless-sync": "no" };
  const server = await startReference({ t, config });
  if (server === null) throw new Error("no redis-server");
  for (const entry of EFFECT_CASES) {
    await t.test(entry.title, async (t) => {
      const admin = await server.connect();
      await admin.ok("FLUSHALL");
      await admin.ok("FUNCTION", "FLUSH");
      await admin.ok("DEBUG", "SET-ACTIVE-EXPIRE", "0");
      for (const [name, value] of Object.entries(entry.config ?? {})) await admin.ok("CONFIG", "SET", name, value);
      const reference = new Reference(server, await ReplicationStream.open(server.port));
      t.teardown(async () => {
        for (const name of Object.keys(entry.config ?? {})) {
          await admin.ok("CONFIG", "SET", name, name.startsWith("lazy") ? "no" : "100");
        }
        admin.destroy();
        reference.close();
      });
      const worker = await startWorker(t, { activeExpire: false, config: entry.config ?? {} });
      const log = new CollectingOpLog();
      worker.server.tellEffects(log);
      const before = readAppendOnly(server.dir).length;
      const told = await compare(t, entry, worker, log, reference);
      compareAppendOnly(t, server, before, told, entry);
    });
  }
  if (process.env.RECORD_EFFECTS === "1") writeFileSync(RECORDED, `${JSON.stringify(recording, null, 2)}\n`);
});

/** What differs on purpose (see effects.ts), and numbers that are told by other digits. */
function leveled(units: readonly (readonly string[])[]): string {
  const level = (line: string): string =>
    line
      // The first entry that is left may be a deleted one to Redis; both trim the same.
      .replace(/ (MINID) = \S+/i, " $1")
      .replace(/^(\d+: X(?:ADD|TRIM) .*?) LIMIT \d+/i, "$1")
      .replace(
        /^(\d+: zadd )(.*)$/,
        (_, start: string, rest: string) => start + rest.replace(/\b\d{17}\b/g, (digits) => String(Number(digits))),
      )
      .replace(/\b\d{13,18}\b/g, "TIME")
      .toLowerCase();
  return JSON.stringify(
    units.map((unit) => unit.filter((line) => !GROUP_LINES.test(line)).map(level)).filter((unit) => unit.length > 0),
  );
}

/** What is told besides of consumer groups, and what may be repeated deliveries. */
const GROUP_LINES = /^\d+: (XGROUP (CREATECONSUMER|SETID .* ENTRIESREAD) |XCLAIM .* JUSTID LASTID )/;
/** Their effects differ by chance, and what is there afterwards. */
const CHANCE = new Set(["RANDOMKEY", "SRANDMEMBER", "HRANDFIELD", "ZRANDMEMBER", "SPOP", "CONFIG"]);
t.setTimeout(200_000);
const RANDOM_COMMANDS = Number(process.env.COMMANDS ?? 2000);

t.test("random commands beside redis-server", { skip }, async (t) => {
  const server = await startReference({ t, config: { "repl-diskless-sync": "no" } });
  if (server === null) throw new Error("no redis-server");
  const reference = new Reference(server, await ReplicationStream.open(server.port));
  t.teardown(() => reference.close());
  const [theirs, worker] = [await reference.client("a"), await startWorker(t, { activeExpire: false })];
  await theirs.ok("DEBUG", "SET-ACTIVE-EXPIRE", "0");
  const log = new CollectingOpLog();
  worker.server.tellEffects(log);
  const clients: [RespClient, TestClient] = [theirs, worker.connect()];
  const r = new RoundRandom(Number(process.env.SEED ?? 1));
  const source = commandSource([], false);
  let told = 0;
  let commands: string[] = [];
  const compareUnits = async (): Promise<void> => {
    const [ours, other] = [log.take(PROPAGATE.replicas), await reference.take()];
    told += ours.length;
    if (leveled(ours) !== leveled(other)) t.same(ours, other, commands.join("\n"));
    commands = [];
  };
  for (r.tick = 0; r.tick < RANDOM_COMMANDS; r.tick++) {
    for (const words of source(r)) {
      if (CHANCE.has(words[0] ?? "")) continue;
      for (const client of clients) await runOn({ words }, client, new Map());
      commands.push(words.join(" ").slice(0, 200));
    }
    if (commands.length > 20) await compareUnits();
  }
  await compareUnits();
  t.ok(told > RANDOM_COMMANDS / 10, `${told} units were the same`);
});

/** The append-only file has the same but what is for replicas only, as a whole. */
function compareAppendOnly(
  t: Checks,
  server: ServerProcess,
  before: number,
  told: readonly { text: string; units: ToldUnit[] }[],
  entry: EffectCase,
): void {
  const isMark = (unit: readonly StreamedEffect[]): boolean => unit[0]?.args[1]?.toString() === MARK;
  const theirs: string[][][] = [[]];
  for (const unit of readAppendOnly(server.dir).slice(before)) {
    if (isMark(unit)) theirs.push([]);
    else theirs[theirs.length - 1]?.push(unit.map(lineOf));
  }
  for (const [i, { text, units }] of told.entries()) {
    const step = entry.steps[i];
    if (step === undefined || step.ours !== undefined) continue;
    const ours = toldTo(units, PROPAGATE.aof);
    if (!agree(ours, theirs[i] ?? [], step.isRandom === true)) t.same(ours, theirs[i], `append-only file: ${text}`);
  }
}
