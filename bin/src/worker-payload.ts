/** What the supervisor gives each worker along, beyond the configuration: where everything is, and who the server is. */
export interface WorkerPayload {
  /** ServerConfig.serialize(). */
  readonly config: string;
  /** Absolute path of the store's directory. */
  readonly directory: string;
  readonly regionPath: string;
  readonly logFile: string;
  readonly runId: string;
  readonly serverPid: number;
  readonly startTimeMs: number;
  readonly configFile: string;
  /** What /proc/self/oom_score_adj would be without `oom-score-adj`; null: it is as it would be. */
  readonly oomBase: number | null;
  /** "systemd", "upstart" or "no". */
  readonly supervisedBy: string;
}
