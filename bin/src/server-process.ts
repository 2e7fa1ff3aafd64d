/** The supervisor's process: composes log, store, configuration, workers and signals into one server. */
import { rmSync } from "node:fs";
import { resolve } from "node:path";
import { ConfigAuthority, type LoadedConfig } from "@keydb-ts/config";
import type { ServerLog, ServiceNotifier } from "@keydb-ts/proc-shard";
import { createRuntimeDir, isDaemon, reportToForeground, Supervisor } from "@keydb-ts/proc-shard";
import { OomScore } from "./oom-score.ts";
import { PidFile } from "./pid-file.ts";
import { followProcTitle } from "./proc-title.ts";
import { handleSignals } from "./signals.ts";
import { StoreLife } from "./store-life.ts";
import { supervisorOptions } from "./supervisor-options.ts";
import { serverVersion } from "./usage.ts";

/** Runs the server until it ends; the process exits here. Rejects when it cannot start, with nothing left running. */
export async function runServer(loaded: LoadedConfig, log: ServerLog, notifier: ServiceNotifier): Promise<void> {
  const { config, file } = loaded;
  const write = log.write.bind(log);
  write("notice", "oO0OoO0OoO0Oo keydb-ts is starting oO0OoO0OoO0Oo");
  write(
    "notice",
    `keydb-ts version=${serverVersion()}, node=${process.versions.node}, pid=${process.pid}, just started`,
  );
  if (file === null) write("warning", "Warning: no config file specified, using the default config.");
  else write("notice", "Configuration loaded");
  for (const warning of loaded.warnings) write("warning", warning);
  const logFile = config.string("logfile") === "" ? "" : resolve(config.string("logfile"));
  process.chdir(config.string("dir"));
  const oomScore = new OomScore(config, write);
  oomScore.follow();
  followProcTitle(config, file ?? "", "");
  const pidFile = new PidFile(config, isDaemon(), write);
  const life = new StoreLife(process.cwd(), write);
  let runtimeDir = "";
  let supervisor: Supervisor | null = null;
  const cleanUp = (inOrder: boolean): void => {
    life.close(inOrder);
    if (runtimeDir !== "") rmSync(runtimeDir, { recursive: true, force: true });
    pidFile.remove();
  };
  const end = (exitCode: number): void => {
    let code = exitCode;
    try {
      cleanUp(exitCode === 0);
    } catch (error) {
      write("warning", `Errors trying to shut down the server: ${(error as Error).message}`);
      code = 1;
    }
    write("warning", "keydb-ts is now ready to exit, bye bye...");
    process.exit(code);
  };
  try {
    runtimeDir = createRuntimeDir(process.env);
    const shutdown = async (): Promise<void> => {
      write("notice", "User requested shutdown...");
      const exitCode = await running.stop();
      if (exitCode !== null) end(exitCode);
    };
    const authority = new ConfigAuthority(config, (changes) => running.broadcastConfig(changes));
    const running = new Supervisor(
      supervisorOptions({
        values: config,
        life,
        oomScore,
        notifier,
        runtimeDir,
        logFile,
        log: write,
        config: { set: (changes) => authority.set(changes), rewrite: () => config.rewrite() },
        shutdownRequested: () => void shutdown(),
        failed: () => end(1),
      }),
    );
    supervisor = running;
    const relisten = (): Promise<boolean> => running.relisten(config.list("bind"), config.number("port"));
    config.onApply("port", async () =>
      (await relisten()) ? null : "Unable to listen on this port. Check server logs.",
    );
    config.onApply("bind", async () => ((await relisten()) ? null : "Failed to bind to specified addresses."));
    config.onChange("dir", () => process.chdir(config.string("dir")));
    handleSignals({
      write,
      shutdown: () => void shutdown(),
      force: () => void running.kill().then(() => end(1)),
      reopenLogs: () => {
        log.reopen();
        running.reopenLogs();
      },
      replaceWorkers: () => void running.replaceAll(),
    });
    if (!(await running.start())) return;
  } catch (error) {
    await supervisor?.kill();
    cleanUp(false);
    throw error;
  }
  pidFile.write();
  write("notice", "Server initialized");
  if (config.number("port") !== 0) write("notice", "Ready to accept connections tcp");
  if (config.string("unixsocket") !== "") write("notice", "Ready to accept connections unix");
  notifier.ready();
  if (isDaemon()) await reportToForeground(null);
}
