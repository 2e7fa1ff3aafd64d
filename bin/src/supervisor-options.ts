/** From the configuration to what the supervisor wants to know. */
import { join, resolve } from "node:path";
import type { ServerConfig } from "@keydb-ts/config";
import { isOccupied } from "@keydb-ts/core/contracts";
import type { ServiceNotifier, SupervisorOptions } from "@keydb-ts/proc-shard";
import * as libc from "@keydb-ts/shared-mem";
import { LockWatch } from "./heartbeat.ts";
import type { OomScore } from "./oom-score.ts";
import type { StoreLife } from "./store-life.ts";
import { workerCpus } from "./thread-affinity.ts";
import type { WorkerPayload } from "./worker-payload.ts";

/** A replaced worker serves its clients for this long; those still there are then disconnected. */
const DRAIN_MS = 30_000;
/**
 * The young generation of a worker's heap starts at 8 MB instead of 1: a tenth less processor time at the start, where it
 * would be collected five times while it grows.
 */
const YOUNG_GENERATION = "--min-semi-space-size=8";
/** What is under way at a shutdown, and replies to slow readers, get this long. */
const STOP_MS = 5_000;

export interface OptionParts extends Pick<SupervisorOptions, "log" | "config" | "shutdownRequested" | "failed"> {
  readonly values: ServerConfig;
  readonly life: StoreLife;
  readonly oomScore: OomScore;
  readonly notifier: ServiceNotifier;
  readonly runtimeDir: string;
  /** Absolute, or "" for standard output. */
  readonly logFile: string;
}

export function supervisorOptions(parts: OptionParts): SupervisorOptions {
  const { values, life, oomScore, notifier, runtimeDir, logFile, log, config, shutdownRequested, failed } = parts;
  const payload: Omit<WorkerPayload, "config" | "oomBase"> = {
    directory: life.directory,
    regionPath: life.region.path,
    logFile,
    runId: life.runId,
    serverPid: process.pid,
    startTimeMs: life.startTimeMs,
    configFile: values.file ?? "",
    supervisedBy: notifier.mode,
  };
  const unixPath = values.string("unixsocket");
  const watch = new LockWatch(life.region);
  return {
    script: join(import.meta.dirname, "worker.js"),
    execArgv: [...process.execArgv, YOUNG_GENERATION],
    seats: values.number("server-threads"),
    listen: { bind: values.list("bind"), port: values.number("port"), backlog: values.number("tcp-backlog") },
    unix: unixPath === "" ? null : { path: resolve(unixPath), mode: values.number("unixsocketperm") || null },
    runtimeDir,
    system: libc,
    config,
    cpus: workerCpus(values.string("server-thread-affinity"), libc.cpuAffinity(0)),
    drainTimeoutMs: DRAIN_MS,
    stopTimeoutMs: STOP_MS,
    payload: () => ({ ...payload, config: values.serialize(), oomBase: oomScore.toInherit }),
    log,
    workerGone: (slot, pid) => life.workerGone(slot, pid),
    leaderChanged: (slot) => life.leaderChanged(slot),
    stopping: () => {
      notifier.stopping();
      life.stopping();
    },
    isOccupied: (slot) => isOccupied(life.region, slot, Date.now()),
    hungWorkers: () => watch.look(Date.now()),
    alive: () => notifier.alive(),
    shutdownRequested,
    failed,
  };
}
