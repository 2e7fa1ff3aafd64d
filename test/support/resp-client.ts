/**
 * A small RESP client for tests and tools: one socket, replies in order, nothing hidden. It shows replies parsed
 * (`call`) or as the exact bytes (`callRaw`), sends whatever bytes it is told to (`sendRaw`), and never reconnects.
 * RESP3 push frames are kept apart in `pushes` unless a reader asks for them.
 */
import { connect, type Socket } from "node:net";
import { decodeFrame, FrameScanner, type Reply } from "./resp-frames.ts";

export { type Reply, RespError } from "./resp-frames.ts";
export type Argument = string | number | bigint | Uint8Array;

export interface ConnectOptions {
  readonly port?: number;
  readonly host?: string;
  /** Unix socket instead of host and port. */
  readonly path?: string;
  /** Every wait for a reply fails after this long; 0 waits for ever. */
  readonly timeoutMs?: number;
}

/** The connection ended (or the wait was over) while a reply was due. */
export class ConnectionLost extends Error {
  override name = "ConnectionLost";
}

interface Waiter {
  resolve(frame: Buffer): void;
  reject(error: Error): void;
}

/** One command as a RESP array of bulk strings. */
export function encodeCommand(args: readonly Argument[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${args.length}\r\n`)];
  for (const arg of args) {
    const bytes = typeof arg === "object" ? arg : Buffer.from(String(arg));
    parts.push(Buffer.from(`$${bytes.length}\r\n`), Buffer.from(bytes), Buffer.from("\r\n"));
  }
  return Buffer.concat(parts);
}

export class RespClient {
  /** Push frames (RESP3) in order of arrival, parsed. */
  readonly pushes: Reply[] = [];
  /** Resolves when the connection is over, whoever ended it. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #scanner = new FrameScanner();
  readonly #waiters: Waiter[] = [];
  /** Replies that nobody waits for yet. */
  readonly #unread: Buffer[] = [];
  readonly #timeoutMs: number;
  #ended: Error | null = null;

  private constructor(socket: Socket, timeoutMs: number) {
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.#received(chunk));
    socket.on("error", (error) => this.#end(new ConnectionLost(error.message)));
    this.closed = new Promise((resolve) => {
      socket.on("close", () => {
        this.#end(new ConnectionLost("connection closed by the server"));
        resolve();
      });
    });
  }

  static connect(options: ConnectOptions): Promise<RespClient> {
    const { port = 6379, host = "127.0.0.1", path, timeoutMs = 20_000 } = options;
    return new Promise((resolve, reject) => {
      const socket = path === undefined ? connect(port, host) : connect(path);
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        resolve(new RespClient(socket, timeoutMs));
      });
    });
  }

  get isOpen(): boolean {
    return this.#ended === null;
  }

  /** Port of this end, as CLIENT LIST shows it in `addr`. */
  get localPort(): number {
    return this.#socket.localPort ?? 0;
  }

  /** Sends one command and resolves with its reply; an error reply is returned as a RespError, not thrown. */
  async call(...args: Argument[]): Promise<Reply> {
    return decodeFrame(await this.callRaw(...args));
  }

  /** As `call`, but an error reply is thrown. */
  async ok(...args: Argument[]): Promise<Reply> {
    const reply = await this.call(...args);
    if (reply instanceof Error) throw reply;
    return reply;
  }

  /** As `call`; the exact bytes of the reply. */
  callRaw(...args: Argument[]): Promise<Buffer> {
    this.sendRaw(encodeCommand(args));
    return this.readRaw();
  }

  /** Sends all commands in one write; the replies in order. */
  async pipeline(commands: readonly (readonly Argument[])[]): Promise<Reply[]> {
    this.sendRaw(Buffer.concat(commands.map(encodeCommand)));
    const frames = await Promise.all(commands.map(() => this.readRaw()));
    return frames.map(decodeFrame);
  }

  sendRaw(bytes: Uint8Array | string): void {
    if (this.#ended === null) this.#socket.write(bytes);
  }

  /** The next reply that nobody has taken yet. */
  async read(): Promise<Reply> {
    return decodeFrame(await this.readRaw());
  }

  readRaw(): Promise<Buffer> {
    const frame = this.#unread.shift();
    if (frame !== undefined) return Promise.resolve(frame);
    if (this.#ended !== null) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { resolve, reject };
      this.#waiters.push(waiter);
      if (this.#timeoutMs === 0) return;
      const timer = setTimeout(() => this.destroy(`no reply within ${this.#timeoutMs} ms`), this.#timeoutMs);
      waiter.resolve = (bytes) => {
        clearTimeout(timer);
        resolve(bytes);
      };
      waiter.reject = (error) => {
        clearTimeout(timer);
        reject(error);
      };
    });
  }

  /** Stops or goes on reading from the socket (a slow reader). */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Ends our side in order and resolves when the connection is over. */
  async close(): Promise<void> {
    this.#socket.end();
    this.#socket.resume();
    const timer = setTimeout(() => this.#socket.destroy(), 1000);
    await this.closed;
    clearTimeout(timer);
  }

  /** Drops the connection at once; whoever waits is told why. */
  destroy(reason = "connection dropped by the test"): void {
    this.#end(new ConnectionLost(reason));
    this.#socket.destroy();
  }

  #received(chunk: Buffer): void {
    this.#scanner.push(chunk);
    for (let frame = this.#scanner.next(); frame !== null; frame = this.#scanner.next()) {
      if (frame[0] === 0x3e) {
        this.pushes.push(decodeFrame(frame));
        continue;
      }
      const waiter = this.#waiters.shift();
      if (waiter === undefined) this.#unread.push(frame);
      else waiter.resolve(frame);
    }
  }

  #end(error: Error): void {
    if (this.#ended !== null) return;
    this.#ended = error;
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }
}
