/**
 * A worker's life, as the supervisor directs it (messages.ts): boot, join the bus, listen, serve, drain or stop. What
 * serves the clients is composed by `bin` and comes in as a WorkerApplication.
 *
 * Messages are handled one after the other, also where a step takes time, so their order is the order of effects.
 * Signals are the supervisor's business: a terminal or systemd sends them to the whole group, and a worker that obeyed
 * them would end under its clients. When the supervisor itself dies, node:cluster ends the worker (the channel closes),
 * and `bin` asks the kernel for the same.
 */
import type { AcceptConnection, AdoptConnection } from "@keydb-ts/core";
import { WorkerBus } from "../bus/worker-bus.ts";
import type { ConfigChange, ToWorker } from "../ipc/messages.ts";
import { ClientListener } from "../transport/client-listener.ts";
import { isRawHandle } from "../transport/raw-handle.ts";
import { WorkerLink } from "./worker-link.ts";

export interface WorkerContext {
  readonly seat: number;
  readonly slot: number;
  /** What the supervisor's side of `bin` gave along. */
  readonly payload: unknown;
  readonly bus: WorkerBus;
  readonly link: WorkerLink;
  /** Accepts the clients that wait, without the event loop; `accept` takes one from a listening socket, -1: none. */
  acceptWaiting(accept: (listener: number) => number): void;
}

export interface WorkerApplication {
  readonly accept: AcceptConnection;
  readonly adopt: AdoptConnection;
  /** Whether this worker may be given clients of others: while it serves, and does not leave. */
  takesClients(takes: boolean): void;
  /** `unixsocket`. */
  unixPath(): string;
  log(text: string): void;
  /** Puts changes in force that the supervisor has checked; null, or the error text of one that cannot be. */
  applyConfig(changes: readonly ConfigChange[]): Promise<string | null>;
  reopenLog(): void;
  /** Resolves when every command received so far was served and its reply written. */
  finish(): Promise<void>;
  /** After the last connection has gone: closes the store and the rest. */
  close(): void;
}

interface Running {
  readonly application: WorkerApplication;
  readonly bus: WorkerBus;
  readonly listener: ClientListener;
}

/** Makes this process a worker. `compose` runs once, when the supervisor has said who the worker is. */
export function runWorker(compose: (context: WorkerContext) => Promise<WorkerApplication>): void {
  const worker = new WorkerProcess(compose);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGPIPE"] as const) {
    process.on(signal, () => undefined);
  }
  process.on("message", (message: ToWorker, handle: unknown) => worker.receive(message, handle));
}

class WorkerProcess {
  private readonly compose: (context: WorkerContext) => Promise<WorkerApplication>;
  private readonly link = new WorkerLink();
  private running: Running | null = null;
  private isLeaving = false;
  private isEnding = false;
  /** Ends a drain early. */
  private drained: (() => void) | null = null;
  private previous: Promise<void> = Promise.resolve();

  constructor(compose: (context: WorkerContext) => Promise<WorkerApplication>) {
    this.compose = compose;
  }

  receive(message: ToWorker, handle: unknown): void {
    this.previous = this.previous
      .then(() => this.handle(message, handle))
      .catch((error: Error) => {
        this.link.send({ kind: "failed", error: error.message });
        this.running?.application.close();
        process.exit(1);
      });
  }

  private async handle(message: ToWorker, handle: unknown): Promise<void> {
    if (message.kind === "boot") {
      await this.boot(message);
      return;
    }
    const { running } = this;
    if (running === null) return;
    const { application, bus, listener } = running;
    switch (message.kind) {
      case "peers":
        bus.setPeers(message.peers);
        this.link.send({ kind: "peers-known", version: message.version });
        break;
      case "listen":
        if (isRawHandle(handle)) listener.adoptListener(handle, message.backlog);
        break;
      case "listen-own":
        for (const endpoint of message.endpoints) await listener.listenOn(endpoint, message.backlog);
        break;
      case "serve":
        application.takesClients(!this.isLeaving);
        this.link.send({ kind: "serving", version: message.version });
        break;
      case "client":
        if (isRawHandle(handle)) listener.adoptClient(handle, message.isUnix);
        break;
      case "adopt":
        if (!isRawHandle(handle)) break;
        // Too late to serve it: it ends with the others.
        if (this.isEnding) handle.close();
        else listener.adoptMoved(handle, message.client);
        break;
      case "unlisten":
        listener.stop();
        break;
      case "drain":
        this.drain(message.timeoutMs);
        break;
      case "stop":
        void this.end(message.timeoutMs, 0);
        break;
      case "reopen-log":
        application.reopenLog();
        break;
      case "config-apply":
        this.link.send({
          kind: "config-applied",
          id: message.id,
          error: await application.applyConfig(message.changes),
        });
        break;
      case "answer":
        this.link.answered(message.id, message.error);
        break;
    }
  }

  private async boot(message: Extract<ToWorker, { kind: "boot" }>): Promise<void> {
    const { link } = this;
    const { seat, slot, payload } = message;
    const bus = new WorkerBus({
      slot,
      path: message.busPath,
      onStuck: (peer) => link.send({ kind: "peer-stuck", slot: peer.slot, pid: peer.pid }),
      onError: (text) => this.running?.application.log(`worker bus: ${text}`),
    });
    await bus.listen();
    const application = await this.compose({
      seat,
      slot,
      payload,
      bus,
      link,
      acceptWaiting: (accept) => this.running?.listener.acceptWaiting(accept),
    });
    const listener = new ClientListener({
      accept: application.accept,
      adopt: application.adopt,
      handOver: (slot, client, handle, sent) => link.handOver(slot, client, handle, sent),
      unixPath: () => application.unixPath(),
      onAcceptError: (text) => application.log(`Accepting client connection: ${text}`),
    });
    this.running = { application, bus, listener };
    link.send({ kind: "joined" });
  }

  /** Serves the clients that are there until they leave or the time is over, then ends. */
  private drain(timeoutMs: number): void {
    const { running } = this;
    if (running === null || this.isEnding) return;
    this.isLeaving = true;
    running.application.takesClients(false);
    running.listener.stop();
    const timer = setTimeout(() => this.drained?.(), timeoutMs);
    this.drained = () => {
      this.drained = null;
      clearTimeout(timer);
      void this.end(timeoutMs, 0);
    };
    void running.listener.whenEmpty().then(() => this.drained?.());
  }

  /** Takes no more clients, answers what was received, closes the connections behind the replies, and exits. */
  private async end(timeoutMs: number, exitCode: number): Promise<void> {
    if (this.isEnding) return;
    this.isLeaving = true;
    this.isEnding = true;
    const { running } = this;
    if (running !== null) {
      const { application, bus, listener } = running;
      application.takesClients(false);
      listener.stop();
      const deadlineMs = Date.now() + timeoutMs;
      await within(timeoutMs, application.finish());
      await listener.closeAll(Math.max(deadlineMs - Date.now(), 0));
      bus.close();
      application.close();
    }
    process.exit(exitCode);
  }
}

async function within(timeoutMs: number, action: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([action, timeout]);
  clearTimeout(timer);
}
