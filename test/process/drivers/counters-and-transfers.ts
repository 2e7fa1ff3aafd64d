/**
 * The consistency load: clients spread over all workers increment one counter, move money between accounts with
 * WATCH/MULTI/EXEC and read all accounts at once; optionally a worker is killed with SIGKILL at an interval.
 *
 * What must hold: the counter equals the number of acknowledged increments; the accounts always add up to the same sum,
 * in every single read; replies to one client only grow; a client loses its connection only when its own worker was
 * killed, and goes on after connecting again with everything acknowledged still there.
 *
 * So that the count is exact although a kill may leave a command's fate unknown, each increment is then a transaction that
 * also writes the client's own sequence number: after reconnecting, the client reads there whether it was done.
 */
import type { RespClient } from "../../support/resp-client.ts";
import { SeededRandom } from "../../support/seeded-random.ts";
import { connectEach, type ServerProcess, workerOf } from "../../support/server.ts";
import { sleep, waitUntil } from "../../support/wait-until.ts";

export interface LoadOptions {
  readonly clients: number;
  /** Increments of all clients together. */
  readonly increments: number;
  readonly accounts: number;
  readonly seed: number;
  /** 0: nobody is killed. */
  readonly killEveryMs: number;
}

export interface LoadResult {
  increments: number;
  transfers: number;
  /** EXECs that were refused because somebody else had changed an account. */
  conflicts: number;
  reads: number;
  kills: number;
  lostConnections: number;
  /** Longest time one exchange took on a connection that was not lost, ms. */
  longestExchangeMs: number;
  seconds: number;
  /** Connections at the start per worker (pid). */
  spread: Record<string, number>;
  /** What went wrong; empty when all is well. */
  violations: string[];
}

const START_BALANCE = 1000;

class LoadRun {
  readonly result: LoadResult = {
    increments: 0,
    transfers: 0,
    conflicts: 0,
    reads: 0,
    kills: 0,
    lostConnections: 0,
    longestExchangeMs: 0,
    seconds: 0,
    spread: {},
    violations: [],
  };
  readonly options: LoadOptions;
  readonly server: ServerProcess;
  /** Pids of the workers that were killed. */
  readonly killed = new Set<number>();
  finished = false;

  constructor(server: ServerProcess, options: LoadOptions) {
    this.server = server;
    this.options = options;
  }

  get accountKeys(): string[] {
    return Array.from({ length: this.options.accounts }, (_, index) => `account:${index}`);
  }

  violation(text: string): void {
    if (this.result.violations.length < 20) this.result.violations.push(text);
  }
}

/** One client of the load. Every method that talks to the server throws when the connection is lost. */
class LoadClient {
  readonly #run: LoadRun;
  readonly #random: SeededRandom;
  readonly #ownKey: string;
  #connection: RespClient | null = null;
  #worker = 0;
  /** Increments known to be done. */
  #done = 0;
  #lastCounter = 0;

  constructor(run: LoadRun, index: number) {
    this.#run = run;
    this.#random = new SeededRandom(run.options.seed + index);
    this.#ownKey = `own:${index}`;
  }

  get worker(): number {
    return this.#worker;
  }

  async connect(): Promise<void> {
    this.#connection = await waitUntil("a connection", async () => {
      try {
        const client = await this.#run.server.connect();
        this.#worker = await workerOf(this.#run.server, client);
        return client;
      } catch {
        return null;
      }
    });
  }

  async work(increments: number): Promise<void> {
    while (this.#done < increments) {
      try {
        const choice = this.#random.next();
        if (choice < 0.85) await this.#increment();
        else if (choice < 0.93) await this.#transfer();
        else await this.#readAll();
      } catch (error) {
        await this.#recover(error as Error);
      }
    }
    this.#connection?.destroy();
    this.#run.result.increments += this.#done;
  }

  get #client(): RespClient {
    if (this.#connection === null) throw new Error("not connected");
    return this.#connection;
  }

  /** Sends commands in one write and times the exchange. */
  async #exchange(commands: (string | number)[][]): Promise<unknown[]> {
    const start = performance.now();
    const replies = await this.#client.pipeline(commands);
    this.#run.result.longestExchangeMs = Math.max(this.#run.result.longestExchangeMs, performance.now() - start);
    return replies;
  }

  async #increment(): Promise<void> {
    const next = this.#done + 1;
    const counter = await this.#incrementOnce(next);
    if (typeof counter !== "number") return this.#run.violation(`INCR answered ${String(counter)}`);
    if (counter <= this.#lastCounter) this.#run.violation(`the counter went from ${this.#lastCounter} to ${counter}`);
    this.#lastCounter = counter;
    this.#done = next;
  }

  async #incrementOnce(next: number): Promise<unknown> {
    if (this.#run.options.killEveryMs === 0) return (await this.#exchange([["INCR", "counter"]]))[0];
    const replies = await this.#exchange([["MULTI"], ["INCR", "counter"], ["SET", this.#ownKey, next], ["EXEC"]]);
    const exec = replies[3];
    return Array.isArray(exec) ? exec[0] : exec;
  }

  async #transfer(): Promise<void> {
    const keys = this.#run.accountKeys;
    const [from, to] = [this.#random.pick(keys), this.#random.pick(keys)];
    if (from === to) return;
    const [, balances] = await this.#exchange([
      ["WATCH", from, to],
      ["MGET", from, to],
    ]);
    const [a, b] = (balances as string[]).map(Number);
    const amount = this.#random.between(1, 50);
    const replies = await this.#exchange([
      ["MULTI"],
      ["SET", from, (a ?? 0) - amount],
      ["SET", to, (b ?? 0) + amount],
      ["EXEC"],
    ]);
    if (replies[3] === null) this.#run.result.conflicts++;
    else this.#run.result.transfers++;
  }

  async #readAll(): Promise<void> {
    const [balances] = await this.#exchange([["MGET", ...this.#run.accountKeys]]);
    const sum = (balances as string[]).reduce((total, balance) => total + Number(balance), 0);
    const expected = this.#run.options.accounts * START_BALANCE;
    if (sum !== expected) this.#run.violation(`a read saw accounts of ${sum} instead of ${expected}`);
    this.#run.result.reads++;
  }

  /** Connects again after a loss and finds out whether the increment under way was done. */
  async #recover(error: Error): Promise<void> {
    this.#run.result.lostConnections++;
    if (!this.#run.killed.has(this.#worker)) {
      this.#run.violation(`a connection to worker ${this.#worker}, which was not killed, was lost: ${error.message}`);
    }
    this.#connection?.destroy();
    await this.connect();
    try {
      const own = Number((await this.#client.ok("GET", this.#ownKey)) ?? 0);
      if (own !== this.#done && own !== this.#done + 1) {
        this.#run.violation(`${this.#ownKey} is ${own} after a reconnect, ${this.#done} were acknowledged`);
      }
      this.#done = own;
    } catch {
      // The next worker was killed too: the loop comes back here.
    }
  }
}

async function killWorkers(run: LoadRun): Promise<void> {
  const random = new SeededRandom(run.options.seed);
  const workers = run.server.workerPids().length;
  while (!run.finished) {
    await sleep(run.options.killEveryMs);
    if (run.finished) return;
    const replaced = (): boolean => run.server.workerPids().length >= workers;
    const isBack = await waitUntil("the killed worker to be replaced", replaced, 30_000).catch(() => false);
    if (!isBack) return run.violation(`a killed worker was not replaced:\n${run.server.output.slice(-1000)}`);
    // On a slow machine a replacement may not serve yet: killing the others meanwhile would only show that nobody serves.
    const serving = await connectEach(run.server, workers).catch(() => []);
    for (const client of serving) client.destroy();
    if (serving.length < workers) continue;
    const victim = random.pick(run.server.workerPids());
    run.killed.add(victim);
    process.kill(victim, "SIGKILL");
    run.result.kills++;
  }
}

export async function runCountersAndTransfers(server: ServerProcess, options: LoadOptions): Promise<LoadResult> {
  const run = new LoadRun(server, options);
  const start = performance.now();
  const setup = await server.connect();
  await setup.ok("FLUSHALL");
  await setup.ok("MSET", ...run.accountKeys.flatMap((key) => [key, START_BALANCE]));
  const share = Math.ceil(options.increments / options.clients);
  const clients = Array.from({ length: options.clients }, (_, index) => new LoadClient(run, index));
  for (const client of clients) await client.connect();
  for (const { worker } of clients) run.result.spread[worker] = (run.result.spread[worker] ?? 0) + 1;
  const killer = options.killEveryMs > 0 ? killWorkers(run) : Promise.resolve();
  await Promise.all(clients.map((client) => client.work(share)));
  run.finished = true;
  await killer;
  const check = await waitUntil("a last connection", async () => {
    try {
      const client = await server.connect();
      await client.ok("PING");
      return client;
    } catch {
      return null;
    }
  });
  const counter = Number(await check.ok("GET", "counter"));
  const expected = share * options.clients;
  if (counter !== expected) run.violation(`the counter is ${counter}, acknowledged were ${expected}`);
  const balances = (await check.ok("MGET", ...run.accountKeys)) as string[];
  const sum = balances.reduce((total, balance) => total + Number(balance), 0);
  if (sum !== options.accounts * START_BALANCE) run.violation(`the accounts add up to ${sum} at the end`);
  setup.destroy();
  check.destroy();
  run.result.seconds = (performance.now() - start) / 1000;
  return run.result;
}
