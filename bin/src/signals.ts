/** The supervisor's signals. Workers ignore them all: a terminal or systemd sends them to the whole group. */
import type { LogLevel } from "@keydb-ts/core";

/**
 * One ctrl-C may come twice: from the terminal and from a launcher that passes it on. A second request counts only after
 * this time.
 */
const SAME_REQUEST_MS = 1_000;

export interface SignalActions {
  write(level: LogLevel, text: string): void;
  shutdown(): void;
  /** Second request while the first is under way. */
  force(): void;
  reopenLogs(): void;
  replaceWorkers(): void;
}

export function handleSignals(actions: SignalActions): void {
  let firstMs = 0;
  const terminate = (signal: string): void => {
    if (firstMs === 0) {
      firstMs = Date.now();
      actions.write("notice", `Received ${signal} scheduling shutdown...`);
      actions.shutdown();
    } else if (Date.now() - firstMs > SAME_REQUEST_MS) {
      actions.write("warning", `Received ${signal} again, ending at once`);
      actions.force();
    }
  };
  process.on("SIGTERM", () => terminate("SIGTERM"));
  process.on("SIGINT", () => terminate("SIGINT"));
  process.on("SIGHUP", () => actions.reopenLogs());
  process.on("SIGUSR1", () => undefined);
  process.on("SIGUSR2", () => {
    actions.write("notice", "Received SIGUSR2, replacing the workers one by one");
    actions.replaceWorkers();
  });
}
