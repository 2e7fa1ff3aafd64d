/**
 * `npm run bench -- --pubsub`: one publisher, many subscribers spread over the processes: deliveries per second, CPU time of
 * the server per delivery, and what an idle server with its bus writes (nothing, it should be).
 */
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { encodeCommand } from "../../test/support/resp-client.ts";
import { sleep } from "../../test/support/wait-until.ts";
import { median } from "./measure.ts";
import { ReplyCounter } from "./reply-counter.ts";
import { cpuOf, type Target } from "./targets.ts";

export interface PubSubLoad {
  readonly subscribers: number;
  readonly messages: number;
  readonly messageBytes: number;
  readonly rounds: number;
}

export interface PubSubResult {
  readonly deliveriesPerSecond: number;
  readonly cpuUsecPerDelivery: number;
  /** From the last PUBLISH of a batch to the last delivery of it. */
  readonly batchMs: number;
}

const CHANNEL = "news";
/** PUBLISHes under way: the next batch leaves when everybody has the one before, so nobody's output grows. */
const BATCH = 16;
const IDLE_MS = 3000;

function open(target: Target): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(target.port, target.host);
    socket.setNoDelay(true);
    socket.once("error", reject);
    socket.once("connect", () => resolve(socket));
  });
}

/** The frame that a subscriber gets for a message. */
function frameBytes(messageBytes: number): number {
  return encodeCommand(["message", CHANNEL, "x".repeat(messageBytes)]).length;
}

/** Subscribers that only count what they are sent. */
class Audience {
  readonly sockets: Socket[] = [];
  private received = 0;
  private wanted = 0;
  private done: () => void = () => {};

  static async gather(target: Target, subscribers: number): Promise<Audience> {
    const audience = new Audience();
    for (let i = 0; i < subscribers; i++) {
      const socket = await open(target);
      await new Promise<void>((resolve) => {
        const counter = new ReplyCounter();
        const onReply = (chunk: Buffer): void => {
          if (counter.push(chunk) === 0) return;
          socket.off("data", onReply);
          resolve();
        };
        socket.on("data", onReply);
        socket.write(encodeCommand(["SUBSCRIBE", CHANNEL]));
      });
      socket.on("data", (chunk) => audience.take(chunk.length));
      audience.sockets.push(socket);
    }
    return audience;
  }

  private take(bytes: number): void {
    this.received += bytes;
    if (this.received >= this.wanted) this.done();
  }

  /** Resolves when so many bytes more than now have come altogether. */
  expect(bytes: number): Promise<void> {
    this.wanted = this.received + bytes;
    return new Promise((resolve) => {
      this.done = resolve;
    });
  }
}

async function runRound(target: Target, load: PubSubLoad): Promise<PubSubResult> {
  const audience = await Audience.gather(target, load.subscribers);
  const publisher = await open(target);
  publisher.resume();
  const batch = encodeCommand(["PUBLISH", CHANNEL, "x".repeat(load.messageBytes)]);
  const bytes = Buffer.concat(Array.from({ length: BATCH }, () => batch));
  const batches = Math.ceil(load.messages / BATCH);
  const perBatch = BATCH * load.subscribers * frameBytes(load.messageBytes);
  const batchMs: number[] = [];
  const cpuBefore = cpuOf(target);
  const startedAt = performance.now();
  for (let i = 0; i < batches; i++) {
    const sentAt = performance.now();
    const delivered = audience.expect(perBatch);
    publisher.write(bytes);
    await delivered;
    batchMs.push(performance.now() - sentAt);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const cpu = cpuOf(target) - cpuBefore;
  for (const socket of [publisher, ...audience.sockets]) socket.destroy();
  const deliveries = batches * BATCH * load.subscribers;
  return {
    deliveriesPerSecond: deliveries / seconds,
    cpuUsecPerDelivery: cpu / deliveries,
    batchMs: median(batchMs),
  };
}

export async function measurePubSub(target: Target, load: PubSubLoad): Promise<PubSubResult> {
  const runs: PubSubResult[] = [];
  // Not counted: each process compiles its own code first, which costs more than what is to be measured.
  await runRound(target, load);
  for (let round = 0; round < load.rounds; round++) runs.push(await runRound(target, load));
  return {
    deliveriesPerSecond: median(runs.map((run) => run.deliveriesPerSecond)),
    cpuUsecPerDelivery: median(runs.map((run) => run.cpuUsecPerDelivery)),
    batchMs: median(runs.map((run) => run.batchMs)),
  };
}

/** Write calls of all the server's processes so far: messages to clients and on the bus are among them. */
function writeCalls(target: Target): number {
  return target.pids().reduce((sum, pid) => {
    const [, calls = "0"] = /syscw: (\d+)/.exec(readFileSync(`/proc/${pid}/io`, "latin1")) ?? [];
    return sum + Number(calls);
  }, 0);
}

/**
 * Write calls per second while subscribers are there and nothing happens. What is left are the wake-ups that threads of one
 * process give each other (8 bytes into an eventfd, about one per process in five seconds).
 */
export async function idleWrites(target: Target, subscribers: number): Promise<number> {
  const audience = await Audience.gather(target, subscribers);
  await sleep(500);
  const before = writeCalls(target);
  await sleep(IDLE_MS);
  const calls = writeCalls(target) - before;
  for (const socket of audience.sockets) socket.destroy();
  return (calls * 1000) / IDLE_MS;
}
