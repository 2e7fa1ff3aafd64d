/**
 * Tells a service manager how the server is: systemd by datagrams (sd_notify's protocol), upstart by stopping itself
 * once. The variables of the environment are taken out of it, so that no child speaks in our name.
 */
import type { LogLevel } from "@keydb-ts/core";
import type { SystemCalls } from "../system-calls.ts";

export type Supervision = "no" | "auto" | "systemd" | "upstart";

/** With a shorter interval than the supervisor's own look at the workers, an old look counts this long. */
const ALIVE_MS = 2_500;

export class ServiceNotifier {
  /** Whether a service manager started us and is to be told. A server that it supervises does not daemonize. */
  readonly mode: "no" | "systemd" | "upstart";
  private readonly socket: string;
  private readonly watchdogMs: number;
  private readonly system: SystemCalls;
  private readonly log: (level: LogLevel, text: string) => void;
  private timer: NodeJS.Timeout | null = null;
  private aliveAtMs = 0;

  constructor(
    supervision: Supervision,
    environment: NodeJS.ProcessEnv,
    system: SystemCalls,
    log: (level: LogLevel, text: string) => void,
  ) {
    this.system = system;
    this.log = log;
    this.socket = environment["NOTIFY_SOCKET"] ?? "";
    this.mode = resolveMode(supervision, environment);
    this.watchdogMs = this.mode === "systemd" ? Number(environment["WATCHDOG_USEC"] ?? 0) / 1000 : 0;
    if (supervision === "systemd" && this.mode === "no") {
      log("warning", "systemd supervision requested, but NOTIFY_SOCKET is not set");
    }
    if (supervision === "upstart" && this.mode === "no") {
      log("warning", "upstart supervision requested, but UPSTART_JOB is not set");
    }
    for (const name of ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "UPSTART_JOB"]) delete environment[name];
  }

  /** The launcher may have started us as its child, so the main pid is told with everything else. */
  ready(): void {
    this.send(`READY=1\nMAINPID=${process.pid}\nSTATUS=Ready to accept connections\n`);
    if (this.mode === "upstart") {
      this.log("notice", "supervised by upstart, will stop to signal readiness.");
      process.kill(process.pid, "SIGSTOP");
    }
    if (this.watchdogMs > 0) {
      this.timer = setInterval(() => {
        if (Date.now() - this.aliveAtMs < Math.max(ALIVE_MS, this.watchdogMs)) this.send("WATCHDOG=1\n");
      }, this.watchdogMs / 3);
      this.timer.unref();
    }
  }

  status(text: string): void {
    this.send(`STATUS=${text}\n`);
  }

  stopping(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.send("STOPPING=1\nSTATUS=Shutting down\n");
  }

  /** The server serves clients at this moment; the watchdog is fed only while this keeps being called. */
  alive(): void {
    this.aliveAtMs = Date.now();
  }

  private send(text: string): void {
    if (this.mode !== "systemd") return;
    try {
      this.system.sendUnixDatagram(this.socket, text);
    } catch (error) {
      this.log("warning", `systemd supervision error: sd_notify: ${(error as Error).message}`);
    }
  }
}

function resolveMode(supervision: Supervision, environment: NodeJS.ProcessEnv): "no" | "systemd" | "upstart" {
  const hasSystemd = (environment["NOTIFY_SOCKET"] ?? "") !== "";
  const hasUpstart = (environment["UPSTART_JOB"] ?? "") !== "";
  if ((supervision === "systemd" || supervision === "auto") && hasSystemd) return "systemd";
  if ((supervision === "upstart" || supervision === "auto") && hasUpstart) return "upstart";
  return "no";
}
