/**
 * Going into the background: Node cannot fork itself, so the server is started again as a detached process in a session
 * of its own, and the first process waits until that one serves, or says why it does not.
 */
import { spawn } from "node:child_process";
import process from "node:process";

const MARK = "KEYDB_TS_DAEMON";

type DaemonMessage = { readonly ready: true } | { readonly error: string };

/** Whether this process is the one in the background. */
export function isDaemon(): boolean {
  return process.env[MARK] === "1" && process.send !== undefined;
}

/**
 * Starts `script` with `args` in the background, `stdin` as its standard input. Resolves with null once it serves, else
 * with the reason; the process that called should then exit.
 */
export function startDaemon(script: string, args: readonly string[], stdin: string): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...process.execArgv, script, ...args], {
      detached: true,
      env: { ...process.env, [MARK]: "1" },
      stdio: ["pipe", "ignore", "ignore", "ipc"],
    });
    child.on("error", (error) => resolve(error.message));
    child.on("message", (message: DaemonMessage) => resolve("error" in message ? message.error : null));
    child.on("exit", (code, signal) => {
      resolve(`the server ended while it started (${signal === null ? `exit code ${code}` : `signal ${signal}`})`);
    });
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(stdin);
    child.unref();
  });
}

/** Tells the process that waits in the foreground; null = serving. It ends then, and this one is on its own. */
export function reportToForeground(error: string | null): Promise<void> {
  return new Promise((resolve) => {
    const message: DaemonMessage = error === null ? { ready: true } : { error };
    process.send?.(message, undefined, undefined, () => {
      process.disconnect();
      resolve();
    });
    delete process.env[MARK];
  });
}
