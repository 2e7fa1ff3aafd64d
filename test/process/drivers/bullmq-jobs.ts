/**
 * BullMQ as its users run it: producers add jobs of all kinds in bulk, workers on connections of their own process them,
 * QueueEvents tells of the ends.
 *
 * What must hold: every job ends once, as it should (at the first try, after retries, failed for good after all its
 * tries); no delayed job starts early; jobs that wait are taken in the order of their priorities; at the end the queue
 * holds nothing but what ended.
 */
import { type Job, Queue, QueueEvents, Worker } from "bullmq";
import { holderOfConnection } from "../../support/proc-facts.ts";
import { SeededRandom } from "../../support/seeded-random.ts";
import type { ServerProcess } from "../../support/server.ts";
import { waitUntil } from "../../support/wait-until.ts";

export interface BullMqOptions {
  readonly jobs: number;
  readonly workers: number;
  /** Jobs that each worker has under way at once. */
  readonly concurrency: number;
  readonly seed: number;
  readonly timeoutMs: number;
}

export interface BullMqResult {
  completed: number;
  failed: number;
  /** Runs of jobs, those that failed included. */
  attempts: number;
  delayed: number;
  prioritized: number;
  /** Processes that the connections of queues and workers are spread over. */
  connectedProcesses: number;
  jobsPerSecond: number;
  violations: string[];
}

/** What a job says of itself. */
interface JobData {
  readonly number: number;
  /** Tries that fail before one succeeds. */
  readonly failures: number;
  /** Not to be started before this time, unix ms. */
  readonly notBeforeMs: number;
}

const ATTEMPTS = 3;
const BACKOFF_MS = 20;
const BULK = 500;
const PRIORITY_JOBS = 60;

type JobOptions = NonNullable<Parameters<Queue["add"]>[2]>;

class BullMqRun {
  readonly result: BullMqResult = {
    completed: 0,
    failed: 0,
    attempts: 0,
    delayed: 0,
    prioritized: 0,
    connectedProcesses: 0,
    jobsPerSecond: 0,
    violations: [],
  };
  private readonly server: ServerProcess;
  private readonly options: BullMqOptions;
  private readonly connection: { host: string; port: number };
  private readonly random: SeededRandom;
  /** Per job: tries so far, tries that fail, and ends that QueueEvents told of. */
  private readonly tries: Uint8Array;
  private readonly failures: Uint8Array;
  private readonly ends: Uint8Array;
  private readonly numbers = new Map<string, number>();

  constructor(server: ServerProcess, options: BullMqOptions) {
    this.server = server;
    this.options = options;
    this.connection = { host: "127.0.0.1", port: server.port };
    this.random = new SeededRandom(options.seed);
    this.tries = new Uint8Array(options.jobs);
    this.failures = new Uint8Array(options.jobs);
    this.ends = new Uint8Array(options.jobs);
  }

  private violation(text: string): void {
    if (this.result.violations.length < 20) this.result.violations.push(text);
  }

  /** All jobs through many workers. */
  async load(): Promise<void> {
    const { connection, options, result } = this;
    const queue = new Queue<JobData>("load", { connection });
    const events = new QueueEvents("load", { connection });
    events.on("completed", ({ jobId, returnvalue }) => this.ended(jobId, returnvalue as unknown as number));
    events.on("failed", ({ jobId }) => this.ended(jobId, null));
    await events.waitUntilReady();
    const process = (job: Job<JobData>): Promise<number> => this.process(job);
    const workers = Array.from({ length: options.workers }, () => {
      return new Worker<JobData, number>("load", process, { connection, concurrency: options.concurrency });
    });
    for (const worker of workers) worker.on("error", (error) => this.violation(`a worker failed: ${error.message}`));
    await Promise.all(workers.map((worker) => worker.waitUntilReady()));
    result.connectedProcesses = await this.countProcesses();
    const startedAt = performance.now();
    for (let first = 0; first < options.jobs; first += BULK) {
      const size = Math.min(BULK, options.jobs - first);
      const bulk = Array.from({ length: size }, (_, i) => this.newJob(first + i));
      const added = await queue.addBulk(bulk);
      for (const job of added) this.numbers.set(job.id ?? "", job.data.number);
    }
    const isOver = (): boolean => result.completed + result.failed >= options.jobs;
    await waitUntil("the jobs to end", isOver, options.timeoutMs).catch((error: Error) =>
      this.violation(error.message),
    );
    result.jobsPerSecond = Math.round((options.jobs * 1000) / (performance.now() - startedAt));
    await this.checkEnd(queue);
    await Promise.all([events.close(), ...workers.map((worker) => worker.close())]);
    await queue.close();
  }

  /** Processes that have a connection of ours. */
  private async countProcesses(): Promise<number> {
    const client = await this.server.connect();
    const ports = [...String(await client.ok("CLIENT", "LIST")).matchAll(/ addr=[\d.]+:(\d+)/g)].map(([, port]) =>
      Number(port),
    );
    const pids = this.server.workerPids();
    const others = ports.filter((port) => port !== client.localPort);
    const holders = new Set(others.map((port) => holderOfConnection(pids, this.server.port, port)));
    await client.close();
    return holders.size;
  }

  private newJob(number: number): { name: string; data: JobData; opts: JobOptions } {
    const { random, result } = this;
    const opts: JobOptions = { attempts: ATTEMPTS, backoff: { type: "fixed", delay: BACKOFF_MS } };
    let notBeforeMs = 0;
    let failures = 0;
    const kind = random.between(0, 9);
    if (kind === 0) {
      opts.delay = random.between(1, 1500);
      notBeforeMs = Date.now() + opts.delay;
      result.delayed++;
    } else if (kind === 1) {
      opts.priority = random.between(1, 100);
      result.prioritized++;
    } else if (kind === 2) failures = random.between(1, ATTEMPTS);
    this.failures[number] = failures;
    return { name: `job ${number}`, data: { number, failures, notBeforeMs }, opts };
  }

  private async process(job: Job<JobData>): Promise<number> {
    const { number, failures, notBeforeMs } = job.data;
    this.result.attempts++;
    const run = (this.tries[number] as number) + 1;
    this.tries[number] = run;
    if (Date.now() < notBeforeMs) this.violation(`job ${number} began ${notBeforeMs - Date.now()} ms early`);
    if (run > failures + 1 || run > ATTEMPTS) this.violation(`job ${number} ran ${run} times`);
    await job.updateProgress(50);
    if (run <= failures) throw new Error(`try ${run} of job ${number} is to fail`);
    return number * 2;
  }

  /** QueueEvents tells of a job's end; `value` null: it failed for good. */
  private ended(jobId: string, value: number | null): void {
    const number = this.numbers.get(jobId) ?? Number.NaN;
    // The job may end before addBulk has told its id: it is told of by ids in the order of adding.
    const job = Number.isNaN(number) ? Number(jobId) - 1 : number;
    this.ends[job] = (this.ends[job] ?? 0) + 1;
    if (value === null) this.result.failed++;
    else this.result.completed++;
    const mustFail = (this.failures[job] ?? 0) >= ATTEMPTS;
    if (mustFail !== (value === null)) this.violation(`job ${job} ended the wrong way`);
    if (value !== null && Number(value) !== job * 2) this.violation(`job ${job} returned ${value}`);
  }

  private async checkEnd(queue: Queue): Promise<void> {
    const { options, result } = this;
    for (let i = 0; i < options.jobs; i++) {
      if (this.ends[i] !== 1) this.violation(`job ${i} ended ${this.ends[i]} times`);
      const due = Math.min(ATTEMPTS, (this.failures[i] as number) + 1);
      if (this.tries[i] !== due) this.violation(`job ${i} had ${this.tries[i]} tries instead of ${due}`);
    }
    const counts = await queue.getJobCounts();
    const { completed = 0, failed = 0, ...rest } = counts;
    if (completed !== result.completed || failed !== result.failed) {
      this.violation(`the queue counts ${completed} completed and ${failed} failed`);
    }
    const left = Object.entries(rest).filter(([, count]) => count !== 0);
    if (left.length > 0) this.violation(`left in the queue: ${JSON.stringify(left)}`);
  }

  /** Jobs that wait together are taken by priority, those of one priority in the order of adding. */
  async priorities(): Promise<void> {
    const { connection, random } = this;
    const queue = new Queue<{ priority: number; number: number }>("priorities", { connection });
    await queue.pause();
    const jobs = Array.from({ length: PRIORITY_JOBS }, (_, number) => ({ number, priority: random.between(1, 9) }));
    await queue.addBulk(jobs.map((data) => ({ name: "job", data, opts: { priority: data.priority } })));
    const taken: string[] = [];
    const worker = new Worker<{ priority: number; number: number }>(
      "priorities",
      async ({ data }) => taken.push(`${data.priority}/${data.number}`),
      { connection, concurrency: 1 },
    );
    await queue.resume();
    const isOver = (): boolean => taken.length === PRIORITY_JOBS;
    await waitUntil("the prioritized jobs", isOver, this.options.timeoutMs).catch((error: Error) => {
      this.violation(error.message);
    });
    const sorted = jobs.toSorted((a, b) => a.priority - b.priority || a.number - b.number);
    const wanted = sorted.map(({ priority, number }) => `${priority}/${number}`);
    if (taken.join() !== wanted.join()) this.violation(`taken in the order ${taken.join(" ")}`);
    await worker.close();
    await queue.close();
  }
}

export async function runBullMq(server: ServerProcess, options: BullMqOptions): Promise<BullMqResult> {
  const run = new BullMqRun(server, options);
  await run.priorities();
  await run.load();
  return run.result;
}
