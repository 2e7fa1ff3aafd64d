/**
 * MONITOR over all processes: each process knows how many monitors the others have, and sends them a line per command,
 * those of one turn together. With no monitor anywhere a command pays one branch.
 */
import type { Client } from "../command/client.ts";
import type { Command } from "../command/define-command.ts";
import type { Monitors } from "../command/monitors.ts";
import type { Bus } from "../ports/bus.ts";
import type { Config } from "../ports/config.ts";
import type { Args } from "../resp/args.ts";
import type { Session } from "../session/session.ts";

const COUNT = "monitor.count";
const LINES = "monitor.lines";
const ANSWER_MS = 5000;

export interface MonitorParts {
  readonly bus: Bus;
  readonly config: Config;
  readonly sessions: ReadonlyMap<number, Session>;
  push(session: Session, frame: Buffer): void;
  hold(session: Session, until: Promise<unknown>): void;
  wake(): void;
}

export class BusMonitors implements Monitors {
  active = false;
  /** Told when the first monitor comes, and when the last has gone. */
  onActive: (active: boolean) => void = () => {};
  private readonly parts: MonitorParts;
  private readonly local: Set<Session> = new Set();
  /** Monitors of other processes, by slot. */
  private readonly remote: Map<number, number> = new Map();
  private lines: Buffer[] = [];

  constructor(parts: MonitorParts) {
    this.parts = parts;
    parts.bus.on(COUNT, (count, from) => {
      if (count === 0) this.remote.delete(from);
      else this.remote.set(from, count as number);
      this.update();
      return true;
    });
    parts.bus.on(LINES, (lines) => {
      for (const line of lines as Buffer[]) this.show(line);
    });
    parts.bus.onPeers((joined, left) => {
      for (const slot of left) this.remote.delete(slot);
      if (this.local.size > 0) for (const slot of joined) parts.bus.send(slot, COUNT, this.local.size);
      this.update();
    });
  }

  private update(): void {
    const active = this.local.size + this.remote.size > 0;
    if (active === this.active) return;
    this.active = active;
    this.onActive(active);
  }

  add(client: Client): void {
    const { bus, sessions, hold } = this.parts;
    const session = sessions.get(client.id);
    if (session === undefined || this.local.has(session)) return;
    this.local.add(session);
    client.isMonitor = true;
    this.update();
    if (bus.peers().length > 0) hold(session, bus.requestAll(COUNT, this.local.size, ANSWER_MS));
  }

  remove(client: Client): void {
    const session = this.parts.sessions.get(client.id);
    if (session !== undefined) this.gone(session);
  }

  /** The session is over, or was reset. */
  gone(session: Session): void {
    if (!this.local.delete(session)) return;
    session.client.isMonitor = false;
    this.parts.bus.broadcast(COUNT, this.local.size);
    this.update();
  }

  feed(client: Client, command: Command, args: Args, isScript: boolean): void {
    const line = Buffer.from(this.lineOf(client, command, args, isScript), "latin1");
    this.show(line);
    if (this.remote.size === 0) return;
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

  private show(line: Buffer): void {
    for (const session of this.local) this.parts.push(session, line);
  }

  /** Sends the lines of this turn to the other processes' monitors. */
  flush(): void {
    if (this.lines.length === 0) return;
    for (const slot of this.remote.keys()) this.parts.bus.send(slot, LINES, this.lines);
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
