/**
 * The supervisor: node:cluster's primary. It opens the sockets, starts one worker per seat, replaces those that die,
 * tells them of each other, names the leader, passes on configuration changes and ends the server in order. It touches
 * no client data and no key.
 *
 * A worker's way: fork -> boot -> joined (its bus listens) -> all peers know it -> listen -> serving -> leaving -> gone.
 * Because its peers know it before it accepts, nothing said on the bus after a client's first command misses it.
 */
import cluster from "node:cluster";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { ConfigChange, PeerAddress, ToSupervisor } from "../ipc/messages.ts";
import { isRawHandle } from "../transport/raw-handle.ts";
import { ConfigBroadcast } from "./config-broadcast.ts";
import { FrontDoor, type FrontDoorOptions } from "./front-door.ts";
import { passClient } from "./handover.ts";
import { Seat } from "./seat.ts";
import { WorkerRecord } from "./worker-record.ts";

/** Slots of the shared tables; twice the largest number of workers, so that all can be replaced at once. */
const SLOTS = 128;
/** How long a worker may take from fork to serving. */
const START_TIMEOUT_MS = 30_000;
/** A busy peer hears of a new worker later: it is not waited for any longer than this. */
const PEERS_KNOWN_TIMEOUT_MS = 2_000;
const WATCH_MS = 1_000;
/** How often it is looked for workers that are to be cut off. */
const CUT_MS = 50;
/** How often it is looked whether workers are occupied; those with a long script tell at once. */
const STAND_IN_MS = 250;

/** Has the last word on the configuration; `bin` makes it of config's implementation and `broadcastConfig`. */
export interface ConfigMaster {
  /** Puts changes that a worker asks for in force in every process; null or Redis' error text. */
  set(changes: readonly ConfigChange[]): Promise<string | null>;
  /** Rewrites the file; null or Redis' error text. */
  rewrite(): Promise<string | null>;
}

export interface SupervisorOptions extends FrontDoorOptions {
  /** The worker's script, and arguments for Node before it. */
  readonly script: string;
  readonly execArgv: readonly string[];
  readonly seats: number;
  /** Private directory for the bus' sockets; exists, and is removed by its owner. */
  readonly runtimeDir: string;
  readonly config: ConfigMaster;
  /** Processors by seat (server-thread-affinity); null leaves it to the kernel. */
  readonly cpus: readonly number[] | null;
  /** How long a worker that is replaced in order may go on serving its clients. */
  readonly drainTimeoutMs: number;
  /** How long the workers may take to end before they are killed. */
  readonly stopTimeoutMs: number;
  /** What a worker needs to compose itself. */
  payload(seat: number, slot: number): unknown;
  /** A worker has ended and was reaped: its locks and readers may go. */
  workerGone(slot: number, pid: number): void;
  /** The slot of the new leader; -1 when no worker serves. */
  leaderChanged(slot: number): void;
  /** A client asked for the end of the server. */
  shutdownRequested(): void;
  /** The end has begun. */
  stopping(): void;
  /** Workers that hang in the write lock, with the reason; looked for once a second. */
  hungWorkers(): { readonly pid: number; readonly reason: string }[];
  /** Whether the worker in this slot is busy with one thing for long, so that it accepts no clients. */
  isOccupied(slot: number): boolean;
  /** Once a second while at least one worker serves. */
  alive(): void;
  /** No worker can be kept running; all have ended. */
  failed(): void;
}

export class Supervisor {
  private readonly options: SupervisorOptions;
  private readonly seats: Seat[];
  private readonly records = new Set<WorkerRecord>();
  private readonly broadcast = new ConfigBroadcast();
  private readonly door: FrontDoor;
  private peersVersion = 0;
  private leader = -1;
  private forks = 0;
  private isStopping = false;
  private isStarted = false;
  private startError: string | null = null;
  private replacing: Promise<void> | null = null;
  private readonly watch: NodeJS.Timeout;
  private readonly standInTimer: NodeJS.Timeout;
  private cutting: NodeJS.Timeout | null = null;

  constructor(options: SupervisorOptions) {
    this.options = options;
    this.seats = Array.from({ length: options.seats }, (_, index) => new Seat(index));
    this.door = new FrontDoor(options, this.seats, () => this.freeWorkers);
    this.watch = setInterval(() => this.look(), WATCH_MS);
    this.watch.unref();
    this.standInTimer = setInterval(() => this.standIn(), STAND_IN_MS);
    this.standInTimer.unref();
  }

  /** Listens elsewhere (CONFIG SET bind/port); false when that fails, with the old sockets still open. */
  relisten(bind: readonly string[], port: number): Promise<boolean> {
    return this.door.move(bind, port, this.records);
  }

  /**
   * Opens the sockets and starts the workers; resolves with true when all serve, with false when the server was ended
   * meanwhile. Rejects with one clear line.
   */
  async start(): Promise<boolean> {
    const { options } = this;
    cluster.setupPrimary({
      exec: options.script,
      args: [],
      execArgv: [...options.execArgv],
      serialization: "advanced",
      silent: false,
    });
    await this.door.open();
    await Promise.all(this.seats.map((seat) => this.fill(seat)));
    if (this.isStopping) return false;
    if (this.startError !== null) throw new Error(this.startError);
    this.isStarted = true;
    return true;
  }

  get servingWorkers(): WorkerRecord[] {
    return [...this.records].filter((record) => record.state === "serving");
  }

  /** Those that can take a client at once; all that serve, if there is none. */
  private get freeWorkers(): readonly WorkerRecord[] {
    const serving = this.servingWorkers;
    const free = serving.filter(({ slot }) => !this.options.isOccupied(slot));
    return free.length > 0 ? free : serving;
  }

  /** While some worker is free, nobody waits in the queue of one that is occupied, has died or is starting. */
  private standIn(): void {
    if (this.isStopping || !this.isStarted) return;
    const isFree = ({ worker }: Seat): boolean => worker?.state === "serving" && !this.options.isOccupied(worker.slot);
    const unattended = this.seats.filter((seat) => !isFree(seat));
    this.door.cover(new Set(unattended.length < this.seats.length ? unattended : []));
  }

  /** Puts changes in force in every worker; null when all that serve did it, else the error text of one. */
  broadcastConfig(changes: readonly ConfigChange[]): Promise<string | null> {
    return this.broadcast.send(this.records, changes);
  }

  reopenLogs(): void {
    for (const record of this.records) record.send({ kind: "reopen-log" });
  }

  // ------------------------------------------------------------------------------------------------ workers

  /** Puts a worker into the seat; resolves with whether it serves. */
  private async fill(seat: Seat): Promise<boolean> {
    const record = this.fork(seat);
    if (record === null) return false;
    seat.worker = record;
    return this.bringUp(record);
  }

  private fork(seat: Seat): WorkerRecord | null {
    const { options } = this;
    const used = new Set([...this.records].map((record) => record.slot));
    let slot = 0;
    while (used.has(slot)) slot++;
    if (slot >= SLOTS) return null;
    const worker = cluster.fork({});
    const busPath = join(options.runtimeDir, `bus-${++this.forks}`);
    const record = new WorkerRecord(worker, seat.index, slot, busPath);
    this.records.add(record);
    record.onMessage((message, handle) => this.received(record, message, handle));
    record.onExit((code, signal) => this.exited(record, code, signal));
    this.pin(record);
    record.send({ kind: "boot", seat: seat.index, slot, busPath, payload: options.payload(seat.index, slot) });
    return record;
  }

  private pin(record: WorkerRecord): void {
    const { cpus, system, log } = this.options;
    const cpu = cpus?.[record.seat % cpus.length];
    if (cpu === undefined || record.pid === 0) return;
    try {
      system.setCpuAffinity(record.pid, [cpu]);
    } catch (error) {
      log("warning", `Failed to pin worker ${record.seat} to processor ${cpu}: ${(error as Error).message}`);
    }
  }

  private async bringUp(record: WorkerRecord): Promise<boolean> {
    const timer = setTimeout(() => {
      this.options.log(
        "warning",
        `Worker ${record.seat} (pid ${record.pid}) did not start within ${START_TIMEOUT_MS} ms, killing it`,
      );
      record.kill("SIGKILL");
    }, START_TIMEOUT_MS);
    try {
      if (!(await record.until(() => record.state !== "starting"))) return false;
      await this.announce();
      // It may have died while the others were told of it.
      if (record.state !== "joined") return false;
      record.state = "listening";
      this.door.admit(record);
      return await record.until(() => record.state === "serving");
    } finally {
      clearTimeout(timer);
    }
  }

  /** Tells every worker who lives; resolves when all know it, or those that do not answer have had their time. */
  private async announce(): Promise<void> {
    const version = ++this.peersVersion;
    const members = [...this.records].filter((record) => record.state !== "starting" && record.state !== "gone");
    const peers: PeerAddress[] = members.map((record) => record.address);
    for (const record of members) record.send({ kind: "peers", version, peers });
    const known = Promise.all(members.map((record) => record.until(() => record.peersKnown >= version)));
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise((resolve) => {
      timer = setTimeout(resolve, PEERS_KNOWN_TIMEOUT_MS);
    });
    await Promise.race([known, timeout]);
    clearTimeout(timer);
  }

  private received(record: WorkerRecord, message: ToSupervisor, handle: unknown): void {
    switch (message.kind) {
      case "joined":
        record.state = "joined";
        break;
      case "peers-known":
        record.peersKnown = Math.max(record.peersKnown, message.version);
        break;
      case "serving":
        record.socketsKnown = Math.max(record.socketsKnown, message.version);
        if (record.state === "listening") {
          record.state = "serving";
          record.servingSinceMs = Date.now();
          this.chooseLeader();
          this.door.servingChanged();
          this.standIn();
        }
        break;
      case "failed":
        this.startError ??= message.error;
        this.options.log("warning", message.error);
        break;
      case "config-applied":
        this.broadcast.applied(record, message.id, message.error);
        break;
      case "config-set":
        this.answer(record, message.id, this.options.config.set(message.changes));
        break;
      case "config-rewrite":
        this.answer(record, message.id, this.options.config.rewrite());
        break;
      case "occupied-changed":
        this.standIn();
        break;
      case "shutdown":
        if (message.cutsScripts) this.killOccupied();
        this.options.shutdownRequested();
        break;
      case "hand-over":
        if (isRawHandle(handle)) passClient(this.servingWorkers, message, handle);
        break;
      case "peer-stuck":
        this.endStuck(message.slot, message.pid, record);
        break;
    }
    record.changed();
  }

  private answer(record: WorkerRecord, id: number, result: Promise<string | null>): void {
    result.then(
      (error) => record.send({ kind: "answer", id, error }),
      (error: Error) => record.send({ kind: "answer", id, error: `ERR ${error.message}` }),
    );
  }

  private endStuck(slot: number, pid: number, by: WorkerRecord): void {
    const stuck = [...this.records].find((record) => record.slot === slot && record.pid === pid);
    if (stuck === undefined) return;
    this.options.log(
      "warning",
      `Worker ${stuck.seat} (pid ${pid}) takes no messages from worker ${by.seat}, killing it`,
    );
    stuck.kill("SIGKILL");
  }

  private exited(record: WorkerRecord, code: number | null, signal: string | null): void {
    const { options } = this;
    const wasLeaving = record.state === "leaving";
    record.state = "gone";
    this.records.delete(record);
    rmSync(record.busPath, { force: true });
    options.workerGone(record.slot, record.pid);
    this.broadcast.workerGone(record);
    this.chooseLeader();
    record.changed();
    if (!this.isStopping) void this.announce();
    const seat = this.seats[record.seat];
    if (seat === undefined || seat.worker !== record) return;
    seat.worker = null;
    this.standIn();
    if (this.isStopping || wasLeaving) return;
    const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
    if (!this.isStarted) {
      this.startError ??= `Worker ${record.seat} (pid ${record.pid}) ended while it started (${how})`;
      return;
    }
    this.replaceDead(seat, record, how);
  }

  private replaceDead(seat: Seat, record: WorkerRecord, how: string): void {
    const { log } = this.options;
    const pauseMs = seat.restarts.died(record.servingSinceMs === 0 ? 0 : Date.now() - record.servingSinceMs);
    const who = `Worker ${record.seat} (pid ${record.pid}) died (${how})`;
    if (pauseMs !== null) {
      log("warning", `${who}, starting a new one${pauseMs > 0 ? ` in ${pauseMs} ms` : ""}`);
      seat.timer = setTimeout(() => {
        seat.timer = null;
        if (!this.isStopping) void this.fill(seat);
      }, pauseMs);
      return;
    }
    log(
      "warning",
      `${who} for the ${seat.restarts.deaths}th time soon after its start: giving it up. The cause is above in this log`,
    );
    seat.isGivenUp = true;
    seat.closeSockets();
    if (this.seats.some((other) => !other.isGivenUp)) return;
    log("warning", "No worker can be kept running, exiting");
    void this.stop().then(() => this.options.failed());
  }

  private chooseLeader(): void {
    const leader = this.servingWorkers.reduce((least, { slot }) => (least < 0 || slot < least ? slot : least), -1);
    if (leader === this.leader) return;
    this.leader = leader;
    this.options.leaderChanged(leader);
  }

  private look(): void {
    for (const { pid, reason } of this.options.hungWorkers()) {
      const record = [...this.records].find((candidate) => candidate.pid === pid);
      if (record === undefined) continue;
      this.options.log("warning", `Worker ${record.seat} (pid ${pid}) ${reason}, killing it`);
      record.kill("SIGKILL");
    }
    if (this.servingWorkers.length > 0) this.options.alive();
  }

  // ------------------------------------------------------------------------------------------------ replacing

  /**
   * Replaces the workers one by one (SIGUSR2). A seat's new worker accepts from the same sockets before the old one
   * stops, so no client is refused; the old one serves its clients until they leave, at most `drainTimeoutMs`.
   */
  replaceAll(): Promise<void> {
    this.replacing ??= this.replaceInTurn().finally(() => {
      this.replacing = null;
    });
    return this.replacing;
  }

  private async replaceInTurn(): Promise<void> {
    const { log, drainTimeoutMs } = this.options;
    for (const seat of this.seats) {
      const old = seat.worker;
      if (this.isStopping || seat.isGivenUp || old === null || old.state !== "serving") continue;
      const record = this.fork(seat);
      if (record === null) {
        log("warning", `Worker ${seat.index} is not replaced: its predecessors are still serving their clients`);
        continue;
      }
      if (!(await this.bringUp(record))) {
        log("warning", `The new worker ${seat.index} did not come up, the old one (pid ${old.pid}) stays`);
        continue;
      }
      if (seat.timer !== null) clearTimeout(seat.timer);
      seat.timer = null;
      // The old worker may have died meanwhile, and its replacement may be here already.
      const retired = seat.worker === null || seat.worker === old ? old : record;
      if (retired === old) seat.worker = record;
      this.retire(retired, drainTimeoutMs);
      log("notice", `Worker ${seat.index} replaced: pid ${old.pid} by ${record.pid}`);
    }
  }

  private retire(record: WorkerRecord, timeoutMs: number): void {
    if (record.state !== "serving") return;
    record.state = "leaving";
    record.send({ kind: "drain", timeoutMs });
    this.chooseLeader();
  }

  // ------------------------------------------------------------------------------------------------ the end

  /**
   * Ends all workers, in order if they can, and closes the sockets. The exit code: 0 when all ended by themselves, 1
   * when one had to be killed; null when the server is ending already.
   */
  async stop(): Promise<number | null> {
    if (this.isStopping) return null;
    const { options } = this;
    this.isStopping = true;
    clearInterval(this.watch);
    clearInterval(this.standInTimer);
    options.stopping();
    this.door.close();
    for (const seat of this.seats) if (seat.timer !== null) clearTimeout(seat.timer);
    const timeoutMs = options.stopTimeoutMs;
    let exitCode = 0;
    const workers = [...this.records];
    for (const record of workers) {
      record.state = "leaving";
      record.send({ kind: "stop", timeoutMs });
    }
    const timer = setTimeout(() => {
      for (const record of this.records) {
        exitCode = 1;
        options.log(
          "warning",
          `Worker ${record.seat} (pid ${record.pid}) did not end within ${timeoutMs} ms, killing it`,
        );
        record.kill("SIGKILL");
      }
    }, timeoutMs + 1_000);
    await Promise.all(workers.map((record) => record.until(() => false)));
    clearTimeout(timer);
    return exitCode;
  }

  /**
   * From now on no worker is let finish what holds it for long (SHUTDOWN NOSAVE): what it has not committed is lost, and
   * nobody was told that it was done.
   */
  private killOccupied(): void {
    if (this.cutting !== null) return;
    const killed = new Set<WorkerRecord>();
    const kill = (): void => {
      for (const record of this.records) {
        if (killed.has(record) || !this.options.isOccupied(record.slot)) continue;
        killed.add(record);
        this.options.log("warning", `Worker ${record.seat} (pid ${record.pid}) is busy, killing it (SHUTDOWN NOSAVE)`);
        record.kill("SIGKILL");
      }
    };
    this.cutting = setInterval(kill, CUT_MS);
    kill();
  }

  /** Ends everything at once (second signal, failed start). Resolves when no worker is left. */
  async kill(): Promise<void> {
    this.isStopping = true;
    clearInterval(this.watch);
    clearInterval(this.standInTimer);
    this.door.close();
    const workers = [...this.records];
    for (const record of workers) record.kill("SIGKILL");
    await Promise.all(workers.map((record) => record.until(() => false)));
  }
}
