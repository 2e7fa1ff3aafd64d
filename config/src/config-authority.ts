/**
 * The process with the last word on changes of the configuration (the supervisor). It takes one change after the other,
 * resolves it against its own values, applies it here and in every other process, and undoes it everywhere when one of
 * them cannot follow.
 */
import type { ConfigChange, EncodedChange, ServerConfig } from "./server-config.ts";

/**
 * Sends resolved changes to every other process and waits until each has applied them (ServerConfig.apply). Resolves
 * with null when all have, else with the error text of one that could not.
 */
export type Broadcast = (changes: readonly EncodedChange[]) => Promise<string | null>;

export class ConfigAuthority {
  private readonly config: ServerConfig;
  private readonly broadcast: Broadcast;
  private last: Promise<unknown> = Promise.resolve();

  constructor(config: ServerConfig, broadcast: Broadcast) {
    this.config = config;
    this.broadcast = broadcast;
  }

  /** Changes as a process got them from CONFIG SET and checked them; null when in force everywhere, else the error. */
  set(changes: readonly ConfigChange[]): Promise<string | null> {
    const result = this.last.then(() => this.change(changes));
    this.last = result.catch(() => undefined);
    return result;
  }

  private async change(changes: readonly ConfigChange[]): Promise<string | null> {
    const encoded = this.config.encode(changes);
    if (typeof encoded === "string") return encoded;
    const before = this.config.encodedValues(encoded.map(([name]) => name));
    const refusedHere = await this.config.apply(encoded);
    if (refusedHere !== null) return refusedHere;
    const refusedThere = await this.broadcast(encoded);
    if (refusedThere !== null) {
      await this.config.apply(before);
      await this.broadcast(before);
    }
    return refusedThere;
  }
}
