/**
 * The server's log, in Redis' format: `pid:role dd Mon yyyy hh:mm:ss.mmm level text`. Every process writes whole lines
 * to the same file, opened for appending, so lines never mix.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import type { LogLevel } from "@keydb-ts/core";

/** `nothing` logs nothing at all. */
export type LogThreshold = LogLevel | "nothing";

const RANK: Readonly<Record<LogThreshold, number>> = { debug: 0, verbose: 1, notice: 2, warning: 3, nothing: 4 };
const MARK: Readonly<Record<LogLevel, string>> = { debug: ".", verbose: "-", notice: "*", warning: "#" };
/** Severities of syslog(3): debug, info, notice, warning. */
const SEVERITY: Readonly<Record<LogLevel, number>> = { debug: 7, verbose: 6, notice: 5, warning: 4 };
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const STDOUT = 1;

/** M master, S replica, C child that writes a file. */
export type LogRole = "M" | "S" | "C";

export interface ServerLogOptions {
  /** "" = standard output. */
  readonly file: string;
  readonly threshold: LogThreshold;
  /** Sends a line to the system log as well; null = not wanted. */
  readonly syslog: ((severity: number, text: string) => void) | null;
}

export class ServerLog {
  threshold: LogThreshold;
  role: LogRole = "M";
  private readonly options: ServerLogOptions;
  private fd: number;

  /** Throws when the file cannot be opened. */
  constructor(options: ServerLogOptions) {
    this.options = options;
    this.threshold = options.threshold;
    this.fd = options.file === "" ? STDOUT : openSync(options.file, "a", 0o644);
  }

  write(level: LogLevel, text: string): void {
    if (RANK[level] < RANK[this.threshold]) return;
    try {
      writeSync(this.fd, `${process.pid}:${this.role} ${timestamp(new Date())} ${MARK[level]} ${text}\n`);
    } catch {
      // A full disk or a reader that went away must not stop the server; there is nowhere to tell it.
    }
    this.options.syslog?.(SEVERITY[level], text);
  }

  /** Opens the file anew, after something moved it away (logrotate); keeps the old one when that fails. */
  reopen(): void {
    const { file } = this.options;
    if (file === "") return;
    try {
      const fd = openSync(file, "a", 0o644);
      closeSync(this.fd);
      this.fd = fd;
    } catch (error) {
      this.write("warning", `Can't open the log file: ${(error as Error).message}`);
    }
  }
}

/** `08 Nov 2026 09:05:07.042`, local time. */
export function timestamp(date: Date): string {
  const day = two(date.getDate());
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const ms = String(date.getMilliseconds()).padStart(3, "0");
  return `${day} ${MONTHS[date.getMonth()]} ${date.getFullYear()} ${time}.${ms}`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
