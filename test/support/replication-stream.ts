/**
 * What a redis-server tells its replicas and writes to its append-only file, read as units of effects: SELECT, MULTI, EXEC
 * and PING are framing and become the effects' database and their grouping.
 */
import { readdirSync, readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { FrameScanner } from "./resp-frames.ts";
import { waitUntil } from "./wait-until.ts";

export interface StreamedEffect {
  readonly db: number;
  readonly args: readonly Buffer[];
}

/** Groups the commands of a stream. */
class Units {
  readonly units: StreamedEffect[][] = [];
  private db = 0;
  private open: StreamedEffect[] | null = null;

  add(args: readonly Buffer[]): void {
    const name = (args[0] ?? Buffer.alloc(0)).toString("latin1").toUpperCase();
    if (name === "SELECT") this.db = Number(args[1]);
    else if (name === "MULTI") this.open = [];
    else if (name === "EXEC") {
      if (this.open !== null) this.units.push(this.open);
      this.open = null;
    } else if (name !== "PING" && name !== "REPLCONF") {
      const effect = { db: this.db, args };
      if (this.open === null) this.units.push([effect]);
      else this.open.push(effect);
    }
  }
}

function argsOf(frame: Buffer): Buffer[] {
  const args: Buffer[] = [];
  let at = frame.indexOf("\r\n") + 2;
  while (at < frame.length) {
    const bodyAt = frame.indexOf("\r\n", at) + 2;
    const length = Number(frame.toString("latin1", at + 1, bodyAt - 2));
    args.push(frame.subarray(bodyAt, bodyAt + length));
    at = bodyAt + length + 2;
  }
  return args;
}

/** A connection that has asked with SYNC to be a replica. */
export class ReplicationStream {
  readonly #socket: Socket;
  readonly #scanner = new FrameScanner();
  readonly #units = new Units();
  #head: Buffer | null = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => this.#received(chunk));
    socket.on("error", () => undefined);
  }

  /** Resolves when the snapshot is over: what follows is effects. */
  static async open(port: number): Promise<ReplicationStream> {
    const stream = new ReplicationStream(connect(port, "127.0.0.1"));
    stream.#socket.write("SYNC\r\n");
    await waitUntil("the snapshot of SYNC", () => stream.#head === null);
    return stream;
  }

  /** All units so far. */
  get units(): readonly (readonly StreamedEffect[])[] {
    return this.#units.units;
  }

  close(): void {
    this.#socket.destroy();
  }

  #received(chunk: Buffer): void {
    let rest = chunk;
    if (this.#head !== null) {
      const head = Buffer.concat([this.#head, chunk]);
      this.#head = head;
      // Newlines keep the connection alive until the snapshot is ready: `$LENGTH`, then that many bytes.
      let at = 0;
      while (head[at] === 0x0a) at++;
      const line = head.indexOf("\r\n", at);
      if (line < 0) return;
      const end = line + 2 + Number(head.toString("latin1", at + 1, line));
      if (head.length < end) return;
      rest = head.subarray(end);
      this.#head = null;
    }
    this.#scanner.push(rest);
    for (let frame = this.#scanner.next(); frame !== null; frame = this.#scanner.next()) {
      this.#units.add(argsOf(frame));
    }
  }
}

/** The units in the append-only file of a server that works in `dir`. */
export function readAppendOnly(dir: string): readonly (readonly StreamedEffect[])[] {
  const folder = join(dir, "appendonlydir");
  const units = new Units();
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".incr.aof"))) {
    const scanner = new FrameScanner();
    scanner.push(readFileSync(join(folder, name)));
    for (let frame = scanner.next(); frame !== null; frame = scanner.next()) units.add(argsOf(frame));
  }
  return units.units;
}
