/**
 * A load generator for commands that redis-benchmark cannot spell (two different random numbers, members that must
 * exist, collections that must keep their size): some connections in a closed loop, each with one batch under way. It
 * is slower than redis-benchmark, so the rate may be its own; the server's CPU time per operation is not touched by that.
 */
import { connect, type Socket } from "node:net";
import { threadUsec } from "../../test/support/proc-facts.ts";
import { ReplyCounter } from "./reply-counter.ts";
import { logOf, type Target } from "./targets.ts";

export interface Load {
  /** The arguments of operation number `i`. */
  readonly command: (i: number) => readonly (string | number)[];
  readonly operations: number;
  readonly connections: number;
  readonly pipeline: number;
}

export interface LoadResult {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU time of all the server's processes per operation. */
  readonly cpuUsec: number;
  readonly seconds: number;
}

function encode(args: readonly (string | number)[]): string {
  let text = `*${args.length}\r\n`;
  for (const arg of args) {
    const value = String(arg);
    text += `$${value.length}\r\n${value}\r\n`;
  }
  return text;
}

function open(target: Target): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(target.port, target.host);
    socket.setNoDelay(true);
    socket.once("error", reject);
    socket.once("connect", () => resolve(socket));
  });
}

/** Runs the load. An error reply ends it: a benchmark of errors means nothing. */
export async function runLoad(target: Target, load: Load): Promise<LoadResult> {
  const sockets = await Promise.all(Array.from({ length: load.connections }, () => open(target)));
  const pids = target.pids();
  const latencies: number[] = [];
  let next = 0;
  const cpuBefore = threadUsec(pids);
  const start = performance.now();
  const drive = (socket: Socket): Promise<void> =>
    new Promise((resolve, reject) => {
      const counter = new ReplyCounter();
      let due = 0;
      let sentAt = 0;
      const send = (): void => {
        if (next >= load.operations) {
          resolve();
          return;
        }
        let text = "";
        due = 0;
        for (; due < load.pipeline && next < load.operations; due++) text += encode(load.command(next++));
        sentAt = performance.now();
        socket.write(text, "latin1");
      };
      socket.on("error", reject);
      socket.on("close", () => reject(new Error("the server closed a connection")));
      socket.on("data", (chunk) => {
        due -= counter.push(chunk);
        if (counter.error !== null) reject(new Error(`${counter.error}${logOf(target)}`));
        if (due > 0) return;
        latencies.push(performance.now() - sentAt);
        send();
      });
      send();
    });
  try {
    await Promise.all(sockets.map(drive));
  } finally {
    for (const socket of sockets) socket.destroy();
  }
  const seconds = (performance.now() - start) / 1000;
  const cpuUsec = (threadUsec(pids) - cpuBefore) / load.operations;
  latencies.sort((a, b) => a - b);
  const quantile = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
  return { perSecond: load.operations / seconds, p50Ms: quantile(0.5), p99Ms: quantile(0.99), cpuUsec, seconds };
}
