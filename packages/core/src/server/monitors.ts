/**
 * MONITOR over all processes: each process sees in shared memory which others have monitors, and sends them a line per
 * command, those of one turn together. With no monitor anywhere a command pays one branch.
 */
import type { Client } from "../command/client.ts";
import type { Command } from "../command/define-command.ts";
import type { Monitors } from "../command/monitors.ts";
import type { Bus } from "../ports/bus.ts";
import type { Config } from "../ports/config.ts";
import { COUNTER } from "../ports/counters.ts";
import type { Args } from "../resp/args.ts";
import type { Session } from "../session/session.ts";
import type { Interests } from "./interests.ts";

const LINES = "monitor.lines";

export interface MonitorParts {
  readonly bus: Bus;
  readonly config: Config;
  readonly interests: Interests;
  readonly sessions: ReadonlyMap<number, Session>;
  push(session: Session, frame: Buffer): void;
  /** Keeps what a command tells until it is certain; false: it is to be told now. */
  keep(tell: () => void): boolean;
  wake(): void;
}

export class BusMonitors implements Monitors {
  active = false;
  /** Told when the first monitor comes, and when the last has gone. */
  onActive: (active: boolean) => void = () => {};
  private readonly parts: MonitorParts;
  private readonly local: Set<Session> = new Set();
  /** Other processes that have monitors. */
  private remote: readonly number[] = [];
  private lines: Buffer[] = [];

  constructor(parts: MonitorParts) {
    this.parts = parts;
    parts.bus.on(LINES, (lines) => {
      for (const line of lines as Buffer[]) this.tell(line);
    });
    parts.bus.onPeers(() => this.update());
    parts.interests.onChange.push(() => this.update());
  }

  private update(): void {
    this.remote = this.parts.interests.slots(COUNTER.monitor_clients);
    const active = this.local.size + this.remote.length > 0;
    if (active === this.active) return;
    this.active = active;
    this.onActive(active);
  }

  private announce(): void {
    this.parts.interests.show(COUNTER.monitor_clients, this.local.size);
    this.update();
  }

  add(client: Client): void {
    const session = this.parts.sessions.get(client.id);
    if (session === undefined || this.local.has(session)) return;
    this.local.add(session);
    client.isMonitor = true;
    this.announce();
  }

  remove(client: Client): void {
    const session = this.parts.sessions.get(client.id);
    if (session !== undefined) this.gone(session);
  }

  /** The session is over, or was reset. */
  gone(session: Session): void {
    if (!this.local.delete(session)) return;
    session.client.isMonitor = false;
    this.announce();
  }

  feed(client: Client, command: Command, args: Args, isScript: boolean): void {
    const line = Buffer.from(this.lineOf(client, command, args, isScript), "latin1");
    if (!this.parts.keep(() => this.show(line))) this.show(line);
  }

  private show(line: Buffer): void {
    this.tell(line);
    if (this.remote.length === 0) return;
    this.lines.push(line);
    this.parts.wake();
  }

  private lineOf(client: Client, command: Command, args: Args, isScript: boolean): string {
    const time = ((performance.timeOrigin + performance.now()) / 1000).toFixed(6);
    const from = isScript ? "lua" : client.isUnix ? `unix:${client.address.replace(/:0$/, "")}` : client.address;
    const secret = command.spec.sensitiveArgs?.(args, this.parts.config) ?? [];
    let words = "";
    for (let i = 0; i < args.count; i++) {
      words += secret.includes(i) ? ' "(redacted)"' : ` "${quoted(args.bytes(i))}"`;
    }
    return `+${time} [${client.db} ${from}]${words}\r\n`;
  }

  private tell(line: Buffer): void {
    for (const session of this.local) this.parts.push(session, line);
  }

  /** Sends the lines of this turn to the other processes' monitors. */
  flush(): void {
    if (this.lines.length === 0) return;
    this.parts.bus.sendEach(this.remote, LINES, this.lines);
    this.lines = [];
  }
}

const ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x5c, "\\\\"],
  [0x22, '\\"'],
  [0x0a, "\\n"],
  [0x0d, "\\r"],
  [0x09, "\\t"],
  [0x07, "\\a"],
  [0x08, "\\b"],
]);

/** Bytes as Redis' sdscatrepr shows them, without the quotes. */
function quoted(bytes: Buffer): string {
  let text = "";
  for (const byte of bytes) {
    const isPrintable = byte >= 0x20 && byte < 0x7f;
    text += ESCAPES.get(byte) ?? (isPrintable ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`);
  }
  return text;
}
