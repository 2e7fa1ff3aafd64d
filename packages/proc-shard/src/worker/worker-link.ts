/**
 * The worker's end of the channel to the supervisor: sends messages, and turns the requests that are answered into
 * promises. When the channel closes, the supervisor has died and this process ends with it.
 */
import type { ConfigChange, MovedClient, ToSupervisor } from "../ipc/messages.ts";
import type { RawHandle } from "../transport/raw-handle.ts";

export class WorkerLink {
  private readonly pending = new Map<number, (error: string | null) => void>();
  private nextId = 1;

  send(message: ToSupervisor): void {
    // The callback takes errors of a channel that is closing; they need no other answer.
    if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
  }

  /** Makes the changes in every process; null once they are in force, else Redis' error text and nothing changed. */
  setConfig(changes: readonly ConfigChange[]): Promise<string | null> {
    return this.ask((id) => ({ kind: "config-set", id, changes: [...changes] }));
  }

  /** Rewrites the configuration file; null or Redis' error text. */
  rewriteConfig(): Promise<string | null> {
    return this.ask((id) => ({ kind: "config-rewrite", id }));
  }

  /** The shared counters say since now that a script holds the event loop for long, or does so no more. */
  occupiedChanged(): void {
    this.send({ kind: "occupied-changed" });
  }

  /** Ends the whole server in order, this worker included; `cutsScripts`: workers with long scripts are killed. */
  shutdown(cutsScripts: boolean): void {
    this.send({ kind: "shutdown", cutsScripts });
  }

  /** Gives a client to another worker; `sent` is called when the caller's own handle is not needed any more. */
  handOver(slot: number, client: MovedClient, handle: RawHandle, sent: () => void): void {
    const message: ToSupervisor = { kind: "hand-over", slot, client };
    // The channel takes raw handles too, which the type of `send` does not say.
    if (process.connected) process.send?.(message, handle as never, { keepOpen: true }, sent);
    else sent();
  }

  /** The supervisor's answer to request `id`. */
  answered(id: number, error: string | null): void {
    this.pending.get(id)?.(error);
    this.pending.delete(id);
  }

  private ask(message: (id: number) => ToSupervisor): Promise<string | null> {
    const id = this.nextId++;
    return new Promise((resolve) => {
      this.pending.set(id, resolve);
      this.send(message(id));
    });
  }
}
