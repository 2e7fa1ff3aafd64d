/** A worker process: composes the server from the packages when the supervisor has said who it is. */
import { ServerConfig } from "@keydb-ts/config";
import { Server } from "@keydb-ts/core";
import { runWorker, type WorkerApplication, type WorkerContext } from "@keydb-ts/proc-shard";
import { attachSharedRegion, openStore, setParentDeathSignal, WriteLock } from "@keydb-ts/shared-mem";
import { startHeartbeat } from "./heartbeat.ts";
import { OomScore } from "./oom-score.ts";
import { followProcTitle } from "./proc-title.ts";
import { openLog } from "./server-log.ts";
import { WorkerHost } from "./worker-host.ts";
import type { WorkerPayload } from "./worker-payload.ts";

const SIGKILL = 9;

runWorker(async (context: WorkerContext): Promise<WorkerApplication> => {
  const payload = context.payload as WorkerPayload;
  // Without its supervisor a worker must not go on: another server may take over the directory at once.
  setParentDeathSignal(SIGKILL);
  if (process.ppid !== payload.serverPid) process.exit(1);
  const { bus, link, slot } = context;
  const config = ServerConfig.fromSerialized(payload.config);
  config.useDistribution((changes) => link.setConfig(changes));
  // The supervisor writes the file: two workers could write it at once.
  config.rewrite = () => link.rewriteConfig();
  config.onChange("dir", () => process.chdir(config.string("dir")));
  const log = openLog(config, payload.logFile);
  new OomScore(config, log.write.bind(log), payload.oomBase).follow();
  followProcTitle(config, payload.configFile, `worker-${context.seat}`);
  const shared = attachSharedRegion(payload.regionPath, slot);
  const store = openStore({ directory: payload.directory, lock: new WriteLock(shared) });
  const host = new WorkerHost({ payload, config, link, log, acceptWaiting: context.acceptWaiting });
  const server = new Server({ store, shared, bus, config, host });
  startHeartbeat(shared);
  return {
    accept: (connection) => server.accept(connection),
    adopt: (connection, state) => server.adopt(connection, state),
    takesClients: (takes) => server.takesClients(takes),
    unixPath: () => config.string("unixsocket"),
    log: (text) => log.write("warning", text),
    applyConfig: (changes) => config.apply(changes),
    reopenLog: () => log.reopen(),
    finish: () => server.stop(),
    close: () => store.close(),
  };
});
