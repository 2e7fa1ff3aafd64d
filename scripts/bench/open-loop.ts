/**
 * Readers in an open loop: GETs leave when their time has come, whether earlier ones were answered or not, and wait times
 * count from that time. So a server that stops for 50 ms shows it in all that was due meanwhile.
 */
import { connect, type Socket } from "node:net";
import { ReplyCounter } from "./reply-counter.ts";

export interface Waits {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** How late the load itself was at the 99th percentile: the machine's share of the waits. */
  readonly lateP99Ms: number;
}

export class OpenLoop {
  private readonly sockets: Socket[] = [];
  private readonly due: number[][] = [];
  private waits: number[] = [];
  private late: number[] = [];
  private timer: NodeJS.Timeout | null = null;
  private nextAt = 0;
  private turn = 0;
  private readonly request: () => string;
  private readonly periodMs: number;

  constructor(request: () => string, perSecond: number) {
    this.request = request;
    this.periodMs = 1000 / perSecond;
  }

  /** Adds a connection; `accept` tells whether it is one to read through. True: it is in use. */
  async add(port: number, accept: (socket: Socket) => Promise<boolean>): Promise<boolean> {
    const socket = connect(port, "127.0.0.1");
    socket.setNoDelay(true);
    await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    if (!(await accept(socket))) {
      socket.destroy();
      return false;
    }
    const due: number[] = [];
    const counter = new ReplyCounter();
    socket.on("data", (chunk: Buffer) => {
      const now = performance.now();
      for (let replies = counter.push(chunk); replies > 0; replies--) this.waits.push(now - (due.shift() ?? now));
      if (counter.error !== null) throw new Error(counter.error);
    });
    this.sockets.push(socket);
    this.due.push(due);
    return true;
  }

  start(): void {
    this.nextAt = performance.now();
    this.timer = setInterval(() => this.send(), 1);
  }

  private send(): void {
    const now = performance.now();
    for (; this.nextAt <= now; this.nextAt += this.periodMs) {
      const index = this.turn++ % this.sockets.length;
      this.due[index]?.push(this.nextAt);
      this.late.push(now - this.nextAt);
      this.sockets[index]?.write(this.request());
    }
  }

  /** The waits since the last call, requests that are not answered yet included as they stand. */
  take(): Waits {
    const now = performance.now();
    const waits = this.waits.concat(this.due.flat().map((at) => now - at)).sort((a, b) => a - b);
    const late = this.late.sort((a, b) => a - b);
    this.waits = [];
    this.late = [];
    const quantile = (values: readonly number[], share: number): number =>
      values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;
    return {
      count: waits.length,
      p50Ms: quantile(waits, 0.5),
      p99Ms: quantile(waits, 0.99),
      maxMs: quantile(waits, 1),
      lateP99Ms: quantile(late, 0.99),
    };
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    for (const socket of this.sockets) socket.destroy();
  }
}
