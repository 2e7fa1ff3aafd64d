/**
 * Clients of all processes: CLIENT LIST, KILL and the pauses go over the worker bus, and every process answers for
 * its own. A client that comes or goes while the answers are gathered may or may not be seen, as in any list; one that
 * moves to another process is seen.
 */
import type { Client } from "../command/client.ts";
import type {
  ClientDirectory,
  ClientFilter,
  ClientLine,
  ClientType,
  Services,
  SessionFacts,
} from "../command/services.ts";
import { SHARED_WORD, SHARED_WORD64 } from "../ports/counters.ts";
import type { ClientMemory } from "./client-memory.ts";
import type { ClientMoves } from "./client-moves.ts";
import { PAUSE_MODE } from "./pauses.ts";

const LIST = "client.list";
const KILL = "client.kill";
const PAUSE = "client.pause";
/** A process that does not answer within this time is busy for long; its clients are left out. */
const ANSWER_MS = 5000;

const ANY_CLIENT: ClientFilter = {
  ids: null,
  type: null,
  address: null,
  localAddress: null,
  user: null,
  skipId: 0,
};

/** `askedMs`: clients that arrived elsewhere since then count as still here. */
interface Question {
  readonly filter: ClientFilter;
  readonly askedMs: number;
}

export class BusClientDirectory implements ClientDirectory {
  readonly any = ANY_CLIENT;
  private readonly server: Services;
  private readonly moves: ClientMoves;
  /** Set by the server's maker. */
  memory: ClientMemory | null = null;
  /** Sends the other processes what there is for them; set by the server's maker. */
  tellOthers: () => void = () => {};

  /** Answers the other processes' questions about this one's clients from now on. */
  constructor(server: Services, moves: ClientMoves) {
    this.server = server;
    this.moves = moves;
    server.bus.on(LIST, (payload) => this.listAt(payload as Question));
    server.bus.on(KILL, (payload) => {
      const killed = this.killAt(payload as Question, 0);
      // Before the answer: the clients that were killed subscribe to nothing any more.
      if (killed.length > 0) this.tellOthers();
      return killed;
    });
    server.bus.on(PAUSE, () => {
      server.refreshPause();
      return true;
    });
  }

  private get alone(): boolean {
    return this.server.bus.peers().length === 0;
  }

  line(client: Client): string {
    const session = this.server.sessions.get(client.id);
    return session === undefined ? "" : clientLine(session, Date.now());
  }

  list(filter: ClientFilter): ClientLine[] {
    return this.listAt({ filter, askedMs: Date.now() });
  }

  private listAt({ filter, askedMs }: Question): ClientLine[] {
    const nowMs = Date.now();
    const lines: ClientLine[] = [];
    // As in Redis, clients that are too many for maxmemory-clients are gone before anybody sees them.
    this.memory?.recount();
    const add = (session: SessionFacts): void => {
      if (matches(session.client, filter)) lines.push({ id: session.client.id, line: clientLine(session, nowMs) });
    };
    // Whoever has both lines keeps the later one.
    for (const { session } of this.moves.awayAt(askedMs)) add(session);
    for (const session of this.server.sessions.values()) add(session);
    return lines;
  }

  listElsewhere(filter: ClientFilter): Promise<ClientLine[]> | null {
    if (this.alone) return null;
    const question: Question = { filter, askedMs: Date.now() };
    return this.server.bus
      .requestAll(LIST, question, ANSWER_MS)
      .then((answers) => [...this.listAt(question), ...(answers as ClientLine[][]).flat()]);
  }

  kill(filter: ClientFilter, selfId: number): number[] {
    return this.killAt({ filter, askedMs: Date.now() }, selfId);
  }

  private killAt({ filter, askedMs }: Question, selfId: number): number[] {
    const killed: number[] = [];
    for (const session of [...this.server.sessions.values()]) {
      if (!matches(session.client, filter)) continue;
      session.kill(session.client.id === selfId);
      killed.push(session.client.id);
    }
    killed.push(...this.killMoving(filter, askedMs));
    return killed;
  }

  /** Clients that have left this process and had not arrived elsewhere when the question was asked. */
  private killMoving(filter: ClientFilter, askedMs: number): number[] {
    const killed: number[] = [];
    for (const { session } of this.moves.awayAt(askedMs)) {
      const { id } = session.client;
      if (!matches(session.client, filter)) continue;
      killed.push(id);
      const arrival = this.moves.follow(id, askedMs);
      void arrival?.then((slot) => this.killAtSlot(slot, { ...ANY_CLIENT, ids: [id] }));
    }
    return killed;
  }

  private killAtSlot(slot: number | null, filter: ClientFilter): void {
    const { bus } = this.server;
    const question: Question = { filter, askedMs: Date.now() };
    if (slot === bus.self) this.killAt(question, 0);
    else if (slot !== null) bus.send(slot, KILL, question);
  }

  killElsewhere(filter: ClientFilter): Promise<number[]> | null {
    if (this.alone) return null;
    const question: Question = { filter, askedMs: Date.now() };
    return this.server.bus
      .requestAll(KILL, question, ANSWER_MS)
      .then((answers) => [...(answers as number[][]).flat(), ...this.killMoving(filter, question.askedMs)]);
  }

  pause(endMs: number, writesOnly: boolean): void {
    const { words, words64 } = this.server.shared;
    const active = Number(Atomics.load(words64, SHARED_WORD64.pause_end_ms)) > Date.now();
    const mode = active ? Atomics.load(words, SHARED_WORD.pause_mode) : PAUSE_MODE.none;
    // As Redis' pauseClientsByClient: the stricter mode and the later end win while a pause lasts.
    const next = writesOnly && mode !== PAUSE_MODE.all ? PAUSE_MODE.write : PAUSE_MODE.all;
    Atomics.store(words, SHARED_WORD.pause_mode, next);
    const end = Number(Atomics.load(words64, SHARED_WORD64.pause_end_ms));
    if (!active || endMs > end) Atomics.store(words64, SHARED_WORD64.pause_end_ms, BigInt(endMs));
    this.server.refreshPause();
  }

  pauseElsewhere(endMs: number, writesOnly: boolean): Promise<unknown> | null {
    if (this.alone) return null;
    this.pause(endMs, writesOnly);
    return this.server.bus.requestAll(PAUSE, null, ANSWER_MS);
  }

  unpause(): void {
    Atomics.store(this.server.shared.words, SHARED_WORD.pause_mode, PAUSE_MODE.none);
    Atomics.store(this.server.shared.words64, SHARED_WORD64.pause_end_ms, 0n);
    this.server.refreshPause();
  }

  unpauseElsewhere(): Promise<unknown> | null {
    if (this.alone) return null;
    this.unpause();
    return this.server.bus.requestAll(PAUSE, null, ANSWER_MS);
  }
}

function clientType(client: Client): ClientType {
  return client.subscriptions === null ? "normal" : "pubsub";
}

function matches(client: Client, filter: ClientFilter): boolean {
  if (filter.ids !== null && !filter.ids.includes(client.id)) return false;
  if (filter.type !== null && clientType(client) !== filter.type) return false;
  if (filter.address !== null && client.address !== filter.address) return false;
  if (filter.localAddress !== null && client.localAddress !== filter.localAddress) return false;
  if (filter.user !== null && client.user !== filter.user) return false;
  return filter.skipId !== client.id;
}

function clientFlags(client: Client): string {
  let flags = "";
  if (client.isMonitor) flags += "O";
  if (client.subscriptions !== null) flags += "P";
  if (client.multi !== null) flags += "x";
  if (client.waiting === "block" || client.waiting === "pause") flags += "b";
  if (client.tracking !== null) {
    flags += client.tracking.redirectIsBroken ? "tR" : "t";
    if (client.tracking.bcast) flags += "B";
  }
  if (client.closeAfterReply) flags += "c";
  if (client.isUnix) flags += "U";
  if (client.noEvict) flags += "e";
  if (client.noTouch) flags += "T";
  return flags === "" ? "N" : flags;
}

/** One line of CLIENT LIST, without the line break; fields and order as in Redis 7.2. */
function clientLine(session: SessionFacts, nowMs: number): string {
  const client = session.client;
  const multi = client.multi;
  const unread = session.queryBufferBytes;
  const output = session.outputBufferBytes;
  const fields: ReadonlyArray<readonly [string, string | number]> = [
    ["id", client.id],
    ["addr", client.address],
    ["laddr", client.localAddress],
    ["fd", client.fd],
    ["name", client.name],
    ["age", Math.floor(nowMs / 1000) - Math.floor(client.createdMs / 1000)],
    ["idle", Math.max(0, Math.floor(nowMs / 1000) - Math.floor(client.lastInteractionMs / 1000))],
    ["flags", clientFlags(client)],
    ["db", client.db],
    ["sub", client.subscriptions?.channel.size ?? 0],
    ["psub", client.subscriptions?.pattern.size ?? 0],
    ["ssub", client.subscriptions?.shard.size ?? 0],
    ["multi", multi === null ? -1 : multi.queue.length],
    ["qbuf", unread],
    ["qbuf-free", session.queryBufferFree],
    ["argv-mem", session.argumentBytes],
    ["multi-mem", multi === null ? 0 : multi.queuedBytes],
    ["rbs", 0],
    ["rbp", 0],
    ["obl", 0],
    ["oll", output > 0 ? 1 : 0],
    ["omem", output],
    ["tot-mem", session.memoryBytes],
    ["events", output > 0 ? "rw" : "r"],
    ["cmd", client.lastCommand === null ? "NULL" : client.lastCommand.fullName],
    ["user", client.user ?? "(superuser)"],
    ["redir", client.tracking === null ? -1 : client.tracking.redirect],
    ["resp", client.resp],
    ["lib-name", client.libName],
    ["lib-ver", client.libVersion],
  ];
  return fields.map(([name, value]) => `${name}=${value}`).join(" ");
}
