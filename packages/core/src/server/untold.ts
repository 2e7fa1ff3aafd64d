/**
 * What commands that run on a read snapshot have to tell others (events, messages, lines for monitors): it is kept until
 * they have come to their end, as one that finds that it needs a write txn (RUN_IN_WRITE) runs once more and would say
 * everything twice. A transaction or a script is one command here. In a write txn nothing is kept.
 */
export class Untold {
  /** Whether there is anything; read after every command. */
  any = false;
  private pending: Array<() => void> = [];
  private readonly isTentative: () => boolean;

  /** `isTentative`: the command that runs now may have to begin anew. */
  constructor(isTentative: () => boolean) {
    this.isTentative = isTentative;
  }

  /** Keeps what is to be told, if it must be kept; false: it is to be told now. */
  keep(tell: () => void): boolean {
    if (!this.isTentative()) return false;
    this.pending.push(tell);
    this.any = true;
    return true;
  }

  /** The command has come to its end. */
  tell(): void {
    const { pending } = this;
    this.drop();
    for (const tell of pending) tell();
  }

  /** The command begins anew. */
  drop(): void {
    this.pending = [];
    this.any = false;
  }
}
