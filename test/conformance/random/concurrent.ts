/**
 * The random stream through several processes at once, and the same again one after the other. Connections on all
 * processes run transactions on shared keys; each begins with INCR of one counter, so that its reply tells its place in
 * the one order that all processes agree on. Between transactions a connection works in a database of its own. Then the
 * keyspace must be the same seen from every process; and the transactions in their order, run by one connection of another
 * server, must give the same replies and the same keyspace.
 */
import { encodeCommand, type RespClient } from "../../support/resp-client.ts";
import { decodeFrame } from "../../support/resp-frames.ts";
import { showBytes, showWords } from "../scenario.ts";
import { agree, elements } from "./agree.ts";
import { type CommandSource, commandSource } from "./commands.ts";
import type { Connect } from "./run.ts";
import { RoundRandom } from "./words.ts";

export interface ConcurrentOptions {
  /** Commands in all, those in transactions and those between. */
  readonly commands: number;
  readonly clients: number;
  readonly seed: number;
}

/** A piece of work of one connection, with its replies. */
interface Unit {
  readonly words: readonly (readonly string[])[];
  readonly replies: readonly Buffer[];
}

interface Transaction extends Unit {
  /** Its place among all transactions. */
  readonly order: number;
}

export interface Recorded {
  readonly transactions: readonly Transaction[];
  /** Per connection, what it did in the database of its own. */
  readonly own: readonly (readonly Unit[])[];
  /** DEBUG DIGEST as each connection sees it in the end. */
  readonly digests: readonly string[];
  readonly commands: number;
}

const COUNTER_KEY = "order";
/** What tells the time, would reach beyond the database, end the transaction, or need another connection's state. */
const EXCLUDED = new Set([
  ...["TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME"],
  ...["SELECT", "SWAPDB", "FLUSHDB", "FLUSHALL", "MOVE", "MULTI", "EXEC", "DISCARD", "WATCH", "UNWATCH", "CONFIG"],
]);
const SHARED_SHARE = 0.7;
/** Units on their way at once, per connection. */
const AHEAD = 3;

/** Runs the stream on all connections at once. */
export async function record(connect: Connect, options: ConcurrentOptions): Promise<Recorded> {
  const clients = await connect(options.clients);
  await clients[0]?.ok("FLUSHALL");
  const transactions: Transaction[] = [];
  const own: Unit[][] = clients.map(() => []);
  let left = options.commands;
  const work = async (client: RespClient, number: number): Promise<void> => {
    const r = new RoundRandom((options.seed * 1000 + number) >>> 0);
    const source = commandSource([], false);
    while (left > 0) {
      const units = Array.from({ length: AHEAD }, () => ({ isShared: r.chance(SHARED_SHARE), words: some(r, source) }));
      left -= units.reduce((sum, unit) => sum + unit.words.length, 0);
      for (const unit of units) client.sendRaw(encodeUnit(unit.words, unit.isShared, number));
      for (const { words, isShared } of units) {
        if (!isShared) {
          (own[number] as Unit[]).push({ words, replies: await readOwn(client, words.length) });
          continue;
        }
        const found = await readTransaction(client, words);
        if (found !== null) transactions.push(found);
      }
    }
  };
  await Promise.all(clients.map(work));
  const digests: string[] = [];
  for (const client of clients) digests.push(String(await client.ok("DEBUG", "DIGEST")));
  for (const client of clients) client.destroy();
  transactions.sort((a, b) => a.order - b.order);
  return { transactions, own, digests, commands: options.commands - left };
}

/** Runs what was recorded one after the other; texts of what differs, at most 20. */
export async function replay(connect: Connect, recorded: Recorded): Promise<string[]> {
  const problems: string[] = [];
  const [client] = await connect(1);
  if (client === undefined) throw new Error("no connection");
  await client.ok("FLUSHALL");
  const compare = (unit: Unit, replies: readonly Buffer[], where: string): void => {
    unit.words.forEach((words, i) => {
      const [then, now] = [unit.replies[i], replies[i]];
      if (then === undefined || now === undefined) throw new Error("a reply is missing");
      if (problems.length >= 20 || agree(then, now, { words, queued: [] }, false)) return;
      const cut = (frame: Buffer): string => showBytes(frame.toString("latin1").slice(0, 300));
      problems.push(`${where}: ${showWords(words)}\n  at once: ${cut(then)}\n  alone:   ${cut(now)}`);
    });
  };
  for (const [index, unit] of recorded.transactions.entries()) {
    if (unit.order !== index + 1) problems.push(`transaction ${index + 1} has the number ${unit.order}`);
    client.sendRaw(encodeUnit(unit.words, true, 0));
    const again = await readTransaction(client, unit.words);
    if (again === null) throw new Error(`transaction ${unit.order} was refused`);
    compare(unit, again.replies, `transaction ${unit.order}`);
  }
  for (const [number, units] of recorded.own.entries()) {
    for (const unit of units) {
      client.sendRaw(encodeUnit(unit.words, false, number));
      compare(unit, await readOwn(client, unit.words.length), `connection ${number}`);
    }
  }
  const digest = String(await client.ok("DEBUG", "DIGEST"));
  for (const seen of new Set(recorded.digests)) {
    if (seen !== digest) problems.push(`DEBUG DIGEST at once ${seen}, alone ${digest}`);
  }
  client.destroy();
  return problems;
}

/** A few commands that stay within one database. */
function some(r: RoundRandom, source: CommandSource): string[][] {
  const count = r.between(1, 6);
  const found: string[][] = [];
  while (found.length < count) {
    const commands = source(r);
    if (commands.some(([name = "", ...rest]) => EXCLUDED.has(name) || (name === "COPY" && rest.includes("DB"))))
      continue;
    found.push(...commands);
    r.tick++;
  }
  return found;
}

function encodeUnit(words: Unit["words"], isShared: boolean, number: number): Buffer {
  const first = isShared ? [["MULTI"], ["INCR", COUNTER_KEY]] : [["SELECT", String(number + 1)]];
  const last = isShared ? ["EXEC"] : ["SELECT", "0"];
  const all = [...first, ...words, last];
  return Buffer.concat(all.map((command) => encodeCommand(command.map((word) => Buffer.from(word, "latin1")))));
}

async function readMany(client: RespClient, count: number): Promise<Buffer[]> {
  const frames: Buffer[] = [];
  for (let i = 0; i < count; i++) frames.push(await client.readRaw());
  return frames;
}

async function readOwn(client: RespClient, count: number): Promise<Buffer[]> {
  return (await readMany(client, count + 2)).slice(1, -1);
}

/** Null for a transaction that was refused: a command of it could not be queued. */
async function readTransaction(client: RespClient, words: Unit["words"]): Promise<Transaction | null> {
  const frames = await readMany(client, words.length + 3);
  const replies = elements(frames.at(-1) as Buffer);
  if (replies === null) return null;
  return { order: Number(decodeFrame(replies[0] as Buffer)), words, replies: replies.slice(1) };
}
