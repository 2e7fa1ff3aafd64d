/** The supervisor's process: composes log, store, configuration, workers and signals into one server. */
import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { ConfigAuthority, type LoadedConfig } from "@keydb-ts/config";
import {
  createRuntimeDir,
  isDaemon,
  reportToForeground,
  type ServerLog,
  type ServiceNotifier,
  Supervisor,
  type SupervisorOptions,
} from "@keydb-ts/proc-shard";
import * as libc from "@keydb-ts/shared-mem";
import { LockWatch } from "./heartbeat.ts";
import { PidFile } from "./pid-file.ts";
import { handleSignals } from "./signals.ts";
import { StoreLife } from "./store-life.ts";
import { workerCpus } from "./thread-affinity.ts";
import { serverVersion } from "./usage.ts";
import type { WorkerPayload } from "./worker-payload.ts";

/** A replaced worker serves its clients for this long; those still there are then disconnected. */
const DRAIN_MS = 30_000;
/** What is under way at a shutdown, and replies to slow readers, get this long. */
const STOP_MS = 5_000;

/** Runs the server until it ends; the process exits here. Rejects when it cannot start, with nothing left running. */
export async function runServer({ config, warnings, file }: LoadedConfig, log: ServerLog, notifier: ServiceNotifier): Promise<void> {
  const write = log.write.bind(log);
  write("notice", "oO0OoO0OoO0Oo keydb-ts is starting oO0OoO0OoO0Oo");
  write("notice", `keydb-ts version=${serverVersion()}, node=${process.versions.node}, pid=${process.pid}, just started`);
  if (file === null) write("warning", "Warning: no config file specified, using the default config.");
  else write("notice", "Configuration loaded");
  for (const warning of warnings) write("warning", warning);
  const logFile = config.string("logfile") === "" ? "" : resolve(config.string("logfile"));
  process.chdir(config.string("dir"));
  const pidFile = new PidFile(config, isDaemon(), write);
  const life = new StoreLife(process.cwd(), write);
  let runtimeDir = "";
  const watch = new LockWatch(life.region);
  const cleanUp = (inOrder: boolean): void => {
    life.close(inOrder);
    if (runtimeDir !== "") rmSync(runtimeDir, { recursive: true, force: true });
    pidFile.remove();
  };
  try {
    runtimeDir = createRuntimeDir(process.env);
  } catch (error) {
    cleanUp(false);
    throw error;
  }
  const payload: Omit<WorkerPayload, "config"> = {
    directory: life.directory,
    regionPath: life.region.path,
    logFile,
    runId: life.runId,
    serverPid: process.pid,
    startTimeMs: life.startTimeMs,
    configFile: file ?? "",
    supervisedBy: notifier.mode,
  };
  const unixPath = config.string("unixsocket");
  const options: SupervisorOptions = {
    script: join(import.meta.dirname, "worker.js"),
    execArgv: process.execArgv,
    seats: config.number("server-threads"),
    listen: { bind: config.list("bind"), port: config.number("port"), backlog: config.number("tcp-backlog") },
    unix: unixPath === "" ? null : { path: resolve(unixPath), mode: config.number("unixsocketperm") || null },
    runtimeDir,
    system: libc,
    config: { set: (changes) => authority.set(changes), rewrite: () => config.rewrite() },
    cpus: workerCpus(config.string("server-thread-affinity"), libc.cpuAffinity(0)),
    drainTimeoutMs: DRAIN_MS,
    stopTimeoutMs: STOP_MS,
    payload: () => ({ ...payload, config: config.serialize() }),
    log: write,
    workerGone: (slot, pid) => life.workerGone(slot, pid),
    leaderChanged: (slot) => life.leaderChanged(slot),
    stopping: () => {
      notifier.stopping();
      life.stopping();
    },
    hungWorkers: () => watch.look(Date.now()),
    alive: () => notifier.alive(),
    shutdownRequested: () => void shutdown(),
    failed: () => end(1),
  };
  const supervisor = new Supervisor(options);
  const authority = new ConfigAuthority(config, (changes) => supervisor.broadcastConfig(changes));
  const relisten = (): Promise<string | null> => supervisor.relisten(config.list("bind"), config.number("port"));
  config.onApply("port", relisten);
  config.onApply("bind", relisten);
  config.onChange("dir", () => process.chdir(config.string("dir")));
  const end = (exitCode: number): void => {
    cleanUp(exitCode === 0);
    write("warning", "keydb-ts is now ready to exit, bye bye...");
    process.exit(exitCode);
  };
  const shutdown = async (): Promise<void> => {
    write("notice", "User requested shutdown...");
    const exitCode = await supervisor.stop();
    if (exitCode !== null) end(exitCode);
  };
  handleSignals({
    write,
    shutdown: () => void shutdown(),
    force: () => void supervisor.kill().then(() => end(1)),
    reopenLogs: () => {
      log.reopen();
      supervisor.reopenLogs();
    },
    replaceWorkers: () => void supervisor.replaceAll(),
  });
  try {
    await supervisor.start();
  } catch (error) {
    await supervisor.kill();
    cleanUp(false);
    throw error;
  }
  pidFile.write();
  write("notice", "Server initialized");
  if (options.listen.port !== 0) write("notice", "Ready to accept connections tcp");
  if (options.unix !== null) write("notice", "Ready to accept connections unix");
  notifier.ready();
  if (isDaemon()) await reportToForeground(null);
}
