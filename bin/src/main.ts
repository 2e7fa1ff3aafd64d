/** Entry point: command line -> configuration -> background if wanted -> server. */
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { type LoadedConfig, loadConfig } from "@keydb-ts/config";
import { isDaemon, reportToForeground, ServiceNotifier, type Supervision, startDaemon } from "@keydb-ts/proc-shard";
import * as libc from "@keydb-ts/shared-mem";
import { checkSystem } from "./check-system.ts";
import { openLog } from "./server-log.ts";
import { runServer } from "./server-process.ts";
import { USAGE, versionText } from "./usage.ts";

const SIGTERM = 15;

let stdinText = "";

async function readStdin(): Promise<string> {
  stdinText = await text(process.stdin);
  return stdinText;
}

/** The server in this process, or in one that goes into the background. */
async function serve(loaded: LoadedConfig, argv: readonly string[]): Promise<void> {
  const { config } = loaded;
  const log = openLog(config, config.string("logfile") === "" ? "" : resolve(config.string("logfile")));
  const supervision = config.string("supervised") as Supervision;
  const notifier = new ServiceNotifier(supervision, process.env, libc, log.write.bind(log));
  if (config.boolean("daemonize") && notifier.mode === "no" && !isDaemon()) {
    const error = await startDaemon(import.meta.filename, argv, stdinText);
    if (error !== null) throw new Error(error);
    process.exit(0);
  }
  // Started by an older Node that only passes signals on: without it nobody would be told of our end, or of its.
  if (process.env["KEYDB_TS_LAUNCHER"] !== undefined && !isDaemon()) libc.setParentDeathSignal(SIGTERM);
  await runServer(loaded, log, notifier).catch((error: Error) => {
    log.write("warning", error.message);
    throw error;
  });
}

async function main(argv: readonly string[]): Promise<void> {
  const only = argv.length === 1 ? argv[0] : undefined;
  if (only === "-v" || only === "--version") console.log(versionText());
  else if (only === "-h" || only === "--help") console.error(USAGE);
  else if (only === "--check-system") process.exitCode = checkSystem();
  else await serve(await loadConfig(argv, readStdin), argv);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  if (isDaemon()) await reportToForeground(message);
  else console.error(message);
  process.exit(1);
}
