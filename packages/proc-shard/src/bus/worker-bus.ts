/**
 * The worker bus (port: core/ports/bus.ts): a mesh of unix sockets between the workers of one server. Every worker
 * listens on a socket in the server's private runtime directory and opens one connection to each peer that the
 * supervisor announces; it sends on its own connections and receives on the others', so each pair has two.
 *
 * Delivery: in order per sender and receiver, and without gaps as long as both live. A peer that stops reading is
 * reported to the supervisor, which ends it, rather than losing single messages unseen. With nobody to tell anything
 * the bus sends nothing.
 */
import { createServer, type Server, Socket } from "node:net";
import type { Bus } from "@keydb-ts/core";
import { Packr } from "msgpackr";
import type { PeerAddress } from "../ipc/messages.ts";
import { rawHandleOf } from "../transport/raw-handle.ts";
import { FRAME, type Frame, FrameReader } from "./frames.ts";
import { PeerLink } from "./peer-link.ts";

export const MAX_QUEUED_BYTES = 64 * 1024 * 1024;
const READ_BUFFER_BYTES = 64 * 1024;

export interface WorkerBusOptions {
  readonly slot: number;
  readonly path: string;
  readonly maxQueuedBytes?: number;
  /** This peer does not take its messages. */
  onStuck(peer: PeerAddress): void;
  /** A handler threw. */
  onError(text: string): void;
}

type Handler = (payload: unknown, from: number) => unknown;

/** A requestAll under way. */
interface Question {
  /** Slots whose answer is missing. */
  readonly missing: Set<number>;
  readonly answers: unknown[];
  readonly timer: NodeJS.Timeout;
  readonly resolve: (answers: unknown[]) => void;
}

export class WorkerBus implements Bus {
  readonly self: number;
  private readonly options: WorkerBusOptions;
  private readonly packr = new Packr({ useRecords: false, encodeUndefinedAsNil: true });
  private readonly server: Server;
  private readonly links = new Map<number, PeerLink>();
  private readonly incoming = new Set<Socket>();
  private readonly handlers = new Map<string, Handler>();
  private readonly peerListeners: Array<(joined: readonly number[], left: readonly number[]) => void> = [];
  private readonly questions = new Map<number, Question>();
  /** Peers (pids) that did not take their messages: a new link would leave a gap. */
  private readonly givenUp = new Set<number>();
  /** Slots that did not answer in time, and were not heard of since: they are asked, but not waited for. */
  private readonly silent = new Set<number>();
  /** What all links read into, one after the other. */
  private readonly readBuffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
  private nextQuestion = 1;
  /** Set while frames wait for the end of the turn. */
  private scheduledFlush: NodeJS.Immediate | null = null;

  constructor(options: WorkerBusOptions) {
    this.options = options;
    this.self = options.slot;
    this.server = createServer((socket) => socket.on("data", this.adopt(socket)));
  }

  /** Starts to take connections; peers may be told of this worker after it. */
  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once("error", reject);
      // Exclusive: without it node:cluster would let the supervisor listen in this worker's place.
      this.server.listen({ path: this.options.path, exclusive: true }, () => {
        this.server.off("error", reject);
        this.server.on("error", (error) => this.options.onError(error.message));
        this.server.unref();
        this.acceptDirectly();
        resolve();
      });
    });
  }

  /** Where Node lets it, links read into one buffer (transport/socket-connection.ts) instead of a new one for each read. */
  private acceptDirectly(): void {
    const listener = rawHandleOf(this.server);
    if (listener === null) return;
    listener.onconnection = (status, handle) => {
      if (status < 0 || handle === undefined) {
        this.options.onError(`accepting a link of the bus failed: ${status}`);
        return;
      }
      let take: ((chunk: Buffer) => void) | null = null;
      const callback = (length: number, buffer: Buffer): boolean => {
        // Payloads are views of what is taken, and may be kept.
        take?.(Buffer.from(buffer.subarray(0, length)));
        return true;
      };
      const onread = { buffer: this.readBuffer, callback };
      const socket = new Socket({ handle, onread } as unknown as ConstructorParameters<typeof Socket>[0]);
      take = this.adopt(socket);
    };
  }

  /** The live workers as the supervisor sees them, this one included or not. */
  setPeers(peers: readonly PeerAddress[]): void {
    const joined: number[] = [];
    const left: number[] = [];
    for (const [slot, link] of this.links) {
      const still = peers.some((peer) => peer.slot === slot && peer.pid === link.peer.pid);
      if (still) continue;
      this.drop(slot);
      left.push(slot);
    }
    for (const peer of peers) {
      if (peer.slot === this.self || this.links.has(peer.slot) || this.givenUp.has(peer.pid)) continue;
      this.links.set(
        peer.slot,
        new PeerLink({
          peer,
          self: { slot: this.self, pid: process.pid },
          packr: this.packr,
          maxQueuedBytes: this.options.maxQueuedBytes ?? MAX_QUEUED_BYTES,
          onStuck: (stuck) => {
            this.givenUp.add(stuck.pid);
            this.drop(stuck.slot);
            this.tellPeers([], [stuck.slot]);
            this.options.onStuck(stuck);
          },
        }),
      );
      joined.push(peer.slot);
    }
    if (joined.length > 0 || left.length > 0) this.tellPeers(joined, left);
  }

  private tellPeers(joined: readonly number[], left: readonly number[]): void {
    for (const listener of this.peerListeners) listener(joined, left);
  }

  peers(): number[] {
    return [...this.links.keys()];
  }

  send(slot: number, topic: string, payload: unknown): void {
    this.sendFrame(slot, [FRAME.message, topic, payload]);
  }

  sendEach(slots: readonly number[], topic: string, payload: unknown): void {
    this.sendPacked(this.linksTo(slots), [FRAME.message, topic, payload]);
  }

  broadcast(topic: string, payload: unknown): void {
    this.sendPacked([...this.links.values()], [FRAME.message, topic, payload]);
  }

  on(topic: string, handler: Handler): void {
    if (this.handlers.has(topic)) throw new Error(`bus topic ${topic} has a handler already`);
    this.handlers.set(topic, handler);
  }

  onPeers(listener: (joined: readonly number[], left: readonly number[]) => void): void {
    this.peerListeners.push(listener);
  }

  requestAll(topic: string, payload: unknown, timeoutMs: number): Promise<unknown[]> {
    return this.requestEach(this.peers(), topic, payload, timeoutMs);
  }

  requestEach(slots: readonly number[], topic: string, payload: unknown, timeoutMs: number): Promise<unknown[]> {
    const links = this.linksTo(slots);
    if (links.length === 0) return Promise.resolve([]);
    const id = this.nextQuestion++;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.timeUp(id), timeoutMs);
      const asked = links.map((link) => link.peer.slot);
      const missing = new Set(asked.filter((slot) => !this.silent.has(slot)));
      this.questions.set(id, { missing, answers: [], timer, resolve });
      this.sendPacked(links, [FRAME.request, topic, payload, id]);
      if (missing.size === 0) this.conclude(id);
    });
  }

  private timeUp(id: number): void {
    for (const slot of this.questions.get(id)?.missing ?? []) this.silent.add(slot);
    this.conclude(id);
  }

  /** Sends what is gathered, then leaves the mesh. */
  close(): void {
    this.flush();
    for (const slot of [...this.links.keys()]) this.drop(slot);
    for (const id of [...this.questions.keys()]) this.conclude(id);
    for (const socket of this.incoming) socket.destroy();
    this.server.close();
  }

  private sendFrame(slot: number, frame: Frame): void {
    const link = this.links.get(slot);
    if (link === undefined) return;
    link.frames.append(frame);
    this.scheduleFlush();
  }

  private linksTo(slots: readonly number[]): PeerLink[] {
    return slots.flatMap((slot) => this.links.get(slot) ?? []);
  }

  private sendPacked(links: readonly PeerLink[], frame: Frame): void {
    if (links.length === 0) return;
    const packed = this.packr.pack(frame);
    for (const link of links) link.frames.appendPacked(packed);
    this.scheduleFlush();
  }

  /** One write per peer and turn: all that callbacks of this turn send leaves together. */
  private scheduleFlush(): void {
    this.scheduledFlush ??= setImmediate(() => this.flush());
  }

  flush(): void {
    if (this.scheduledFlush === null) return;
    clearImmediate(this.scheduledFlush);
    this.scheduledFlush = null;
    for (const link of this.links.values()) link.flush();
  }

  private drop(slot: number): void {
    this.links.get(slot)?.close();
    this.links.delete(slot);
    this.silent.delete(slot);
    for (const id of [...this.questions.keys()]) this.answered(id, slot);
  }

  /** Takes a link of a peer; returns what is to be given the bytes that come by it. */
  private adopt(socket: Socket): (chunk: Buffer) => void {
    const reader = new FrameReader(this.packr);
    let from = -1;
    this.incoming.add(socket);
    socket.unref();
    socket.on("error", () => undefined);
    socket.on("close", () => this.incoming.delete(socket));
    const onFrame = (frame: Frame): void => {
      if (frame[0] === FRAME.hello) from = frame[1];
      else this.handle(frame, from);
    };
    return (chunk) => reader.feed(chunk, onFrame);
  }

  private handle(frame: Exclude<Frame, readonly [typeof FRAME.hello, ...unknown[]]>, from: number): void {
    if (this.silent.size > 0) this.silent.delete(from);
    switch (frame[0]) {
      case FRAME.message:
        this.deliver(frame[1], frame[2], from);
        break;
      case FRAME.request:
        this.run(frame[1], frame[2], from).then(
          (answer) => this.sendFrame(from, [FRAME.answer, frame[3], answer ?? null]),
          (error: unknown) => this.sendFrame(from, [FRAME.refusal, frame[3], textOf(error)]),
        );
        break;
      case FRAME.answer:
        this.questions.get(frame[1])?.answers.push(frame[2]);
        this.answered(frame[1], from);
        break;
      case FRAME.refusal:
        this.options.onError(`worker ${from} answered: ${frame[2]}`);
        this.answered(frame[1], from);
        break;
    }
  }

  /** As `run`, without a promise per message. */
  private deliver(topic: string, payload: unknown, from: number): void {
    const fail = (error: unknown): void => this.options.onError(`bus topic ${topic}: ${textOf(error)}`);
    const handler = this.handlers.get(topic);
    if (handler === undefined) {
      fail("no handler");
      return;
    }
    try {
      const result = handler(payload, from);
      if (result instanceof Promise) result.catch(fail);
    } catch (error) {
      fail(error);
    }
  }

  /** Handlers run at once, in the order of the frames; only an answer may come later. */
  private run(topic: string, payload: unknown, from: number): Promise<unknown> {
    const handler = this.handlers.get(topic);
    if (handler === undefined) return Promise.reject(new Error(`no handler for bus topic ${topic}`));
    try {
      return Promise.resolve(handler(payload, from));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  private answered(id: number, slot: number): void {
    const question = this.questions.get(id);
    if (question === undefined || !question.missing.delete(slot)) return;
    if (question.missing.size === 0) this.conclude(id);
  }

  private conclude(id: number): void {
    const question = this.questions.get(id);
    if (question === undefined) return;
    this.questions.delete(id);
    clearTimeout(question.timer);
    question.resolve(question.answers);
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
