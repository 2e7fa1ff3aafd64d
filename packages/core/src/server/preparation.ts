/** What the commands of a transaction wait for before EXEC runs: one that cannot be prepared fails alone, in its place. */
import type { Context } from "../command/context.ts";
import type { Command } from "../command/define-command.ts";

/** Stands where the answer to a command's preparation would be. */
export class FailedPreparation {
  /** The error reply, without '-'. */
  readonly text: string;

  constructor(reason: unknown) {
    this.text = reason instanceof Error ? reason.message : String(reason);
  }
}

/** As `command.prepare`, but it neither throws nor rejects. */
export function prepareAlone(command: Command, context: Context): Promise<unknown> | null {
  try {
    return command.prepare?.(context)?.catch((reason: unknown) => new FailedPreparation(reason)) ?? null;
  } catch (error) {
    return Promise.resolve(new FailedPreparation(error));
  }
}
