/**
 * The `oom-score-adj` and `oom-score-adj-values` directives: which processes the kernel ends first when memory runs out.
 * Supervisor and workers each write their own /proc/self/oom_score_adj; a process inherits the value of the one that
 * started it, so the workers are told what theirs would be without the directive.
 */
import { readFileSync, writeFileSync } from "node:fs";
import type { ServerConfig } from "@keydb-ts/config";
import type { LogLevel } from "@keydb-ts/core";

const FILE = "/proc/self/oom_score_adj";
const LIMIT = 1000;
const FAILED = "Failed to set current oom_score_adj. Check server logs.";

export class OomScore {
  private readonly config: ServerConfig;
  private readonly log: (level: LogLevel, text: string) => void;
  /** The value without the directive; null while the directive is off: then it is whatever it is. */
  private base: number | null;

  /** `inherited`: the value of the process that started this one, before that one changed its own; null: not changed. */
  constructor(config: ServerConfig, log: (level: LogLevel, text: string) => void, inherited: number | null = null) {
    this.config = config;
    this.log = log;
    this.base = inherited;
  }

  /** Puts the directives in force, and their changes from now on. At start a failure is only logged, as in Redis. */
  follow(): void {
    this.apply();
    for (const name of ["oom-score-adj", "oom-score-adj-values"]) {
      this.config.onApply(name, async () => (this.apply() ? null : FAILED));
    }
  }

  /** What a process started now is to be told as `inherited`. */
  get toInherit(): number | null {
    return this.base;
  }

  private apply(): boolean {
    const mode = this.config.string("oom-score-adj");
    if (mode === "no" && this.base === null) return true;
    try {
      const base = this.base ?? Number(readFileSync(FILE, "latin1"));
      writeFileSync(FILE, `${mode === "no" ? base : this.wanted(base, mode)}\n`);
      this.base = mode === "no" ? null : base;
      return true;
    } catch (error) {
      this.log("warning", `Unable to write oom_score_adj: ${(error as Error).message}`);
      return false;
    }
  }

  /** A master's value, the first of the three: there are no replicas and no background children here. */
  private wanted(base: number, mode: string): number {
    const [value = 0] = this.config.string("oom-score-adj-values").split(" ").map(Number);
    const sum = mode === "absolute" ? value : value + base;
    return Math.max(-LIMIT, Math.min(LIMIT, sum));
  }
}
