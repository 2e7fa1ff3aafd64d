/**
 * The reliable queue: producers RPUSH jobs, consumers BLMOVE them each into a list of their own and LREM what they have
 * done, while clients and workers are killed.
 *
 * What must hold: every push that was acknowledged is delivered exactly once, or is still in a list at the end; a push
 * whose fate is unknown (the connection broke before its reply) is delivered at most once; waiting consumers are served
 * in the order in which they came, whichever process they are on.
 */
import type { RespClient } from "../../support/resp-client.ts";
import { SeededRandom } from "../../support/seeded-random.ts";
import { connectEach, type ServerProcess } from "../../support/server.ts";
import { sleep, waitUntil } from "../../support/wait-until.ts";

export interface QueueOptions {
  readonly jobs: number;
  readonly producers: number;
  readonly consumers: number;
  readonly seed: number;
  /** A worker, and a random client, are killed this often; 0: nobody. */
  readonly killEveryMs: number;
  /** Rounds of the probe of the order of service before the load. */
  readonly orderRounds: number;
}

export interface QueueResult {
  acknowledged: number;
  /** Pushes whose connection broke before the reply: done or not. */
  unknown: number;
  delivered: number;
  workersKilled: number;
  clientsKilled: number;
  lostConnections: number;
  /** Hand-overs in the probe of the order of service. */
  orderProbes: number;
  seconds: number;
  violations: string[];
}

/** Longest wait of one BLMOVE, seconds: a consumer looks so often whether the run is over. */
const BLOCK_SECONDS = "0.5";

class QueueRun {
  readonly result: QueueResult = {
    acknowledged: 0,
    unknown: 0,
    delivered: 0,
    workersKilled: 0,
    clientsKilled: 0,
    lostConnections: 0,
    orderProbes: 0,
    seconds: 0,
    violations: [],
  };
  readonly server: ServerProcess;
  readonly options: QueueOptions;
  readonly jobsOfEach: number;
  /** Per job (producer * jobsOfEach + number): acknowledged, and how often delivered. */
  readonly acknowledged: Uint8Array;
  readonly deliveries: Uint8Array;
  isOver = false;

  constructor(server: ServerProcess, options: QueueOptions) {
    this.server = server;
    this.options = options;
    this.jobsOfEach = Math.ceil(options.jobs / options.producers);
    this.acknowledged = new Uint8Array(this.jobsOfEach * options.producers);
    this.deliveries = new Uint8Array(this.acknowledged.length);
  }

  violation(text: string): void {
    if (this.result.violations.length < 20) this.result.violations.push(text);
  }

  /** Runs `work` on a connection, and again on a new one whenever that is lost. */
  async persist(work: (client: RespClient) => Promise<void>): Promise<void> {
    for (;;) {
      let client: RespClient | null = null;
      try {
        client = await this.server.connect();
        await work(client);
        return;
      } catch {
        this.result.lostConnections++;
        await sleep(5);
      } finally {
        client?.destroy();
      }
    }
  }

  async produce(producer: number): Promise<void> {
    const end = (producer + 1) * this.jobsOfEach;
    let job = producer * this.jobsOfEach;
    await this.persist(async (client) => {
      while (job < end) {
        const pushed = job++;
        this.result.unknown++;
        // Not repeated when the reply does not come: it may have happened.
        await client.ok("RPUSH", "queue", pushed);
        this.result.unknown--;
        this.acknowledged[pushed] = 1;
      }
    });
  }

  async consume(consumer: number): Promise<void> {
    const own = `processing:${consumer}`;
    let last = "";
    await this.persist(async (client) => {
      // What was moved while the connection broke lies in the own list; what the consumer has seen is only removed.
      for (const job of (await client.ok("LRANGE", own, 0, -1)) as string[]) {
        if (job !== last) this.deliver(job);
        last = job;
        await client.ok("LREM", own, 1, job);
      }
      while (!this.isOver) {
        const job = await client.ok("BLMOVE", "queue", own, "LEFT", "RIGHT", BLOCK_SECONDS);
        if (typeof job !== "string") continue;
        last = job;
        this.deliver(job);
        await client.ok("LREM", own, 1, job);
      }
    });
  }

  private deliver(job: string): void {
    this.deliveries[Number(job)] = (this.deliveries[Number(job)] as number) + 1;
  }

  async disturb(): Promise<void> {
    const random = new SeededRandom(this.options.seed);
    while (!this.isOver) {
      await sleep(this.options.killEveryMs);
      const workers = this.server.workerPids();
      if (this.isOver || workers.length === 0) continue;
      process.kill(random.pick(workers), "SIGKILL");
      this.result.workersKilled++;
      await this.persist(async (client) => {
        const ids = ((await client.ok("CLIENT", "LIST")) as string).match(/\bid=\d+/g) ?? [];
        if (ids.length === 0) return;
        const killed = await client.call("CLIENT", "KILL", "ID", random.pick(ids).slice(3), "SKIPME", "yes");
        if (killed === 1) this.result.clientsKilled++;
      });
    }
  }
}

/** Consumers on different workers wait one after the other; each element pushed must reach the one who came first. */
async function probeOrder(run: QueueRun): Promise<void> {
  const random = new SeededRandom(run.options.seed + 1);
  const workers = run.server.workerPids().length;
  const waiting = [...(await connectEach(run.server, workers)), ...(await connectEach(run.server, workers))];
  const pushers = await connectEach(run.server, workers);
  for (let round = 0; round < run.options.orderRounds; round++) {
    const order = random.shuffle(waiting);
    const served: number[] = [];
    const replies: Promise<void>[] = [];
    for (const [place, client] of order.entries()) {
      replies.push(
        client.ok("BLMOVE", "probe", "probed", "LEFT", "RIGHT", 0).then((element) => {
          served[Number(element)] = place;
        }),
      );
      await waitUntil("the client to be blocked", async () => {
        const info = String(await (pushers[0] as RespClient).ok("INFO", "clients"));
        return info.includes(`blocked_clients:${place + 1}\r`);
      });
    }
    for (let element = 0; element < order.length; element++) {
      await random.pick(pushers).ok("RPUSH", "probe", element);
    }
    await Promise.all(replies);
    run.result.orderProbes += order.length;
    const expected = order.map((_, place) => place);
    if (served.join() !== expected.join()) run.violation(`served in the order ${served.join()}`);
  }
  await (pushers[0] as RespClient).ok("DEL", "probed");
  for (const client of [...waiting, ...pushers]) client.destroy();
}

/** Counts what is wrong with the deliveries. `kept`: jobs that still lie in a list. */
function checkDeliveries(run: QueueRun, kept: ReadonlySet<number>): void {
  let lost = 0;
  let doubled = 0;
  for (let job = 0; job < run.deliveries.length; job++) {
    const times = (run.deliveries[job] as number) + (kept.has(job) ? 1 : 0);
    if (times > 0) run.result.delivered++;
    if (times > 1) doubled++;
    if (run.acknowledged[job] === 1) {
      run.result.acknowledged++;
      if (times === 0) lost++;
    }
  }
  if (lost > 0) run.violation(`${lost} acknowledged jobs are lost`);
  if (doubled > 0) run.violation(`${doubled} jobs were delivered more than once`);
}

export async function runReliableQueue(server: ServerProcess, options: QueueOptions): Promise<QueueResult> {
  const run = new QueueRun(server, options);
  const start = performance.now();
  await probeOrder(run);
  const disturbed = options.killEveryMs > 0 ? run.disturb() : Promise.resolve();
  const consumers = Array.from({ length: options.consumers }, (_, index) => run.consume(index));
  await Promise.all(Array.from({ length: options.producers }, (_, index) => run.produce(index)));
  await run.persist(async (client) => {
    await waitUntil("the queue to be empty", async () => (await client.ok("LLEN", "queue")) === 0, 120_000);
  });
  run.isOver = true;
  await Promise.all([disturbed, ...consumers]);
  const kept = new Set<number>();
  await run.persist(async (client) => {
    for (let consumer = 0; consumer < options.consumers; consumer++) {
      for (const job of (await client.ok("LRANGE", `processing:${consumer}`, 0, -1)) as string[]) kept.add(Number(job));
    }
  });
  checkDeliveries(run, kept);
  run.result.seconds = (performance.now() - start) / 1000;
  return run.result;
}
