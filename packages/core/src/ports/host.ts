/** Facts about the process' surroundings and the actions only the host program can take; implemented in `bin`. */
export interface Host {
  /** 40 hex digits, one per server start. */
  readonly runId: string;
  /** pid of the supervisor, which stands for the whole server (INFO process_id). */
  readonly serverPid: number;
  readonly executable: string;
  /** Configuration file in use, "" when none. */
  readonly configFile: string;
  readonly startTimeMs: number;
  readonly tcpPort: number;
  /** Orderly end of the whole server. `force`/`nosave`/`now` as in SHUTDOWN. Never answers the client that asked. */
  shutdown(options: { save: boolean | null; now: boolean; force: boolean }): void;
  /** Cancels a shutdown that is waiting; false when none is. */
  abortShutdown(): boolean;
  /** Ends this process at once (DEBUG SEGFAULT, DEBUG RESTART ...). */
  crash(): void;
  log(level: LogLevel, text: string): void;
  /** Resident set sizes of the server's processes, bytes, this one's first. */
  totalSystemMemoryBytes(): number;
  /** Size of the store's files, bytes. */
  storeBytes(): number;
}
export type LogLevel = "debug" | "verbose" | "notice" | "warning";
