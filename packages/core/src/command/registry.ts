/**
 * All commands by name. Lookup works on the request's bytes: a hash of the lower-cased name picks a bucket, then bytes
 * are compared; no string is made.
 */
import type { Args } from "../resp/args.ts";
import type { Command } from "./define-command.ts";

const BUCKETS = 4096;
const LONGEST_NAME = 64;

interface Slot {
  readonly name: Buffer;
  readonly command: Command;
}

export class Registry {
  private readonly buckets: Array<readonly Slot[] | null>;
  private readonly byName: Map<string, Command>;
  /** Every command and subcommand by statistics row. */
  readonly byId: Command[];

  constructor(commands: readonly Command[]) {
    this.buckets = new Array(BUCKETS).fill(null);
    this.byName = new Map();
    this.byId = [];
    for (const command of commands) this.add(command);
  }

  private add(command: Command): void {
    if (this.byName.has(command.fullName)) throw new Error(`command ${command.fullName} is defined twice`);
    this.byName.set(command.fullName, command);
    const name = Buffer.from(command.fullName, "latin1");
    const bucket = hashName(name, 0, name.length);
    this.buckets[bucket] = [...(this.buckets[bucket] ?? []), { name, command }];
    this.number(command);
  }

  private number(command: Command): void {
    command.id = this.byId.length;
    this.byId.push(command);
    if (command.subcommands !== null) for (const sub of command.subcommands.values()) this.number(sub);
  }

  /** Top-level commands. */
  all(): Iterable<Command> {
    return this.byName.values();
  }

  get size(): number {
    return this.byName.size;
  }

  /** A top-level command by its lower-case name. */
  get(name: string): Command | undefined {
    return this.byName.get(name);
  }

  /** The top-level command named by argument 0; null when there is none. */
  find(args: Args): Command | null {
    const b = args.buffer;
    const start = args.starts[0] as number;
    const end = args.ends[0] as number;
    if (end - start > LONGEST_NAME) return null;
    const slots = this.buckets[hashName(b, start, end)];
    if (slots === null || slots === undefined) return null;
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i] as Slot;
      if (sameName(slot.name, b, start, end)) return slot.command;
    }
    return null;
  }
}

function hashName(b: Buffer, start: number, end: number): number {
  let h = end - start;
  for (let i = start; i < end; i++) h = (Math.imul(h, 31) + ((b[i] as number) | 32)) | 0;
  return (h ^ (h >>> 12)) & (BUCKETS - 1);
}

function sameName(name: Buffer, b: Buffer, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i++) {
    let c = b[start + i] as number;
    if (c >= 65 && c <= 90) c |= 32;
    if (c !== name[i]) return false;
  }
  return true;
}
