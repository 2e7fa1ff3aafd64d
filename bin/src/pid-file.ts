/** The `pidfile` directive; one is written without being asked for when the server goes into the background. */
import { unlinkSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { ServerConfig } from "@keydb-ts/config";
import type { LogLevel } from "@keydb-ts/core";

const DEFAULT_PIDFILE = "/var/run/redis.pid";

export class PidFile {
  private readonly path: string;
  private readonly log: (level: LogLevel, text: string) => void;
  private isWritten = false;

  constructor(config: ServerConfig, isBackground: boolean, log: (level: LogLevel, text: string) => void) {
    const configured = config.string("pidfile");
    this.path = configured !== "" ? resolve(configured) : isBackground ? DEFAULT_PIDFILE : "";
    this.log = log;
  }

  /** A pid file that cannot be written is not worth failing for. */
  write(): void {
    if (this.path === "") return;
    try {
      writeFileSync(this.path, `${process.pid}\n`);
      this.isWritten = true;
    } catch (error) {
      this.log("warning", `Failed to write PID file: ${(error as Error).message}`);
    }
  }

  remove(): void {
    if (!this.isWritten) return;
    this.log("notice", "Removing the pid file.");
    try {
      unlinkSync(this.path);
    } catch {
      // Somebody else removed it.
    }
  }
}
