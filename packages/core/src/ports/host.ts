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
  /** System, release and machine, as in `uname -srm` (INFO os). */
  readonly operatingSystem: string;
  /** `systemd` when the service manager started the server and is told of its state, else `no`. */
  readonly supervisedBy: string;
  /**
   * Orderly end of the whole server. Options as in SHUTDOWN; with `save` false, long scripts are cut off and lost. Never
   * answers the client that asked.
   */
  shutdown(options: { save: boolean | null; now: boolean; force: boolean }): void;
  /** Cancels a shutdown that is waiting; false when none is. */
  abortShutdown(): boolean;
  /** The `occupied` counter of this process has changed: others shall take its new clients, or need not any more. */
  occupiedChanged(): void;
  /** Accepts new clients without the event loop, which a script holds. */
  acceptWaiting(): void;
  /** Ends this process at once (DEBUG SEGFAULT, DEBUG RESTART ...). */
  crash(): void;
  log(level: LogLevel, text: string): void;
  totalSystemMemoryBytes(): number;
  /** Resident pages of this process, bytes: its own, and those of files and regions that the processes share. */
  residentMemory(): { ownBytes: number; sharedBytes: number };
  /** The WebAssembly binary of Lua 5.1 (npm package wasmoon-lua5.1); read when the first script runs. */
  luaBinary(): Uint8Array;
  /** Frees what JavaScript no longer refers to: memory outside its heap does not make it look by itself. Takes tens of milliseconds. */
  collectGarbage(): void;
  /** Size of the store's files, bytes. */
  storeBytes(): number;
}
export type LogLevel = "debug" | "verbose" | "notice" | "warning";
