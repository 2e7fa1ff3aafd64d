/**
 * What commands are told as to the op log (ports/op-log.ts). A write command that changed something is told as it was
 * sent, unless its handler says otherwise: anything that depends on the time, on chance, on who waits or on the process
 * must be told as what it came to. So a handler that needs it writes one line, behind the change or before it:
 *
 *   ctx.effects?.replace(["PEXPIREAT", ctx.args.bytes(1), deadline]);
 *
 * `ctx.effects` is null while nobody listens, and then nothing of the line is worked out.
 *
 * One object per process. Commands nest (EXEC, scripts); the effects of an outermost one, or of the server's own work, are
 * one unit. A deletion because of expiry or for want of memory is told where it happens, before the command that met it.
 */
import type { Keyspace } from "../keyspace/keyspace.ts";
import { type Effect, type OpLog, PROPAGATE } from "../ports/op-log.ts";
import type { Args } from "../resp/args.ts";
import type { Context } from "./context.ts";
import type { Command } from "./define-command.ts";

/** An argument of an effect; bytes are copied. */
export type Word = string | number | bigint | Uint8Array;

/** What is known of a command that runs. */
interface Frame {
  readonly outer: Frame | null;
  /** The keyspace's count of changes when it began. */
  readonly dirty: number;
  /** Whom its own effect may be told to. */
  readonly allowed: number;
  /** Whom it is told to whatever it changed. */
  forced: number;
  isPrevented: boolean;
  instead: readonly Buffer[] | null;
}

export class Effects {
  private readonly log: OpLog;
  private readonly keyspace: Keyspace;
  private frame: Frame | null = null;
  private unit: Effect[] = [];
  private hasAppended = false;

  constructor(log: OpLog, keyspace: Keyspace) {
    this.log = log;
    this.keyspace = keyspace;
  }

  // ------------------------------------------------------------------------------------------ for handlers

  /** If it changes anything, the command is told as these words in place of its own. */
  replace(words: readonly Word[]): void {
    if (this.frame !== null) this.frame.instead = words.map(bytesOf);
  }

  /** As `replace`, but only words at the given places differ from what was sent; `count` words are told of it. */
  replaceWords(args: Args, changed: Readonly<Record<number, Word>>, count = args.count): void {
    const words: Word[] = [];
    for (let i = 0; i < count; i++) words.push(changed[i] ?? args.bytes(i));
    this.replace(words);
  }

  /** Tells these words too, before the command's own effect. Outside any command they are a unit of their own. */
  add(db: number, words: readonly Word[]): void {
    this.unit.push({ db, args: words.map(bytesOf), targets: PROPAGATE.all });
    if (this.frame === null) this.endUnit();
  }

  /** The command has no effect of its own: all there is to tell is added. */
  prevent(): void {
    if (this.frame !== null) this.frame.isPrevented = true;
  }

  /** The command is told to `targets` even when it changes nothing. */
  force(targets: number): void {
    if (this.frame !== null) this.frame.forced |= targets;
  }

  // ------------------------------------------------------------------------------------------ for who runs commands

  /** Something begins whose effects belong together: a command, or work of the server. In a write txn. */
  begin(allowed: number = PROPAGATE.all): void {
    const { dirty } = this.keyspace;
    this.frame = { outer: this.frame, dirty, allowed, forced: 0, isPrevented: false, instead: null };
  }

  /** The command that began last has run, with these arguments. */
  end(context: Context, command: Command): void {
    const { frame } = this;
    if (frame === null) return;
    const targets = this.targetsOf(frame, command);
    if (targets !== PROPAGATE.none) {
      this.unit.push({ db: context.client.db, args: frame.instead ?? copyOf(context.args), targets });
    }
    this.leave();
  }

  /** What began last is over, without an effect of its own. */
  leave(): void {
    this.frame = this.frame?.outer ?? null;
    if (this.frame === null) this.endUnit();
  }

  private targetsOf(frame: Frame, command: Command): number {
    // As in Redis what only looks is told nobody, even if it leaves something behind (DEBUG, SCRIPT LOAD); nor is EXEC.
    if (frame.isPrevented || !(command.isWrite || command.mayReplicate)) return PROPAGATE.none;
    const isChange = this.keyspace.dirty > frame.dirty;
    return (isChange ? PROPAGATE.all : frame.forced) & frame.allowed;
  }

  private endUnit(): void {
    if (this.unit.length === 0) return;
    const { unit } = this;
    this.unit = [];
    this.hasAppended = true;
    this.log.append(unit);
  }

  // ------------------------------------------------------------------------------------------ for the keyspace

  txnEnded(isCommitted: boolean): void {
    this.frame = null;
    this.unit = [];
    if (!this.hasAppended) return;
    this.hasAppended = false;
    if (isCommitted) this.log.committed();
    else this.log.dropped();
  }
}

function bytesOf(word: Word): Buffer {
  return typeof word === "object" ? Buffer.from(word) : Buffer.from(String(word), "latin1");
}

function copyOf(args: Args): Buffer[] {
  const copies: Buffer[] = [];
  for (let i = 0; i < args.count; i++) copies.push(args.copy(i));
  return copies;
}
