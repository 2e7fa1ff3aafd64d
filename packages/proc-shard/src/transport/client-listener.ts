/**
 * The worker's side of listening: turns accepted sockets into connections of the engine. Clients come four ways:
 *  - handed: a listening handle made by the supervisor, which this worker alone accepts from. The supervisor keeps its
 *    own reference, so connections wait in the queue while the worker is replaced, and none is refused.
 *  - single clients, accepted by the supervisor (unix sockets cannot have several listeners; and it stands in for workers
 *    that are occupied for long).
 *  - moved: clients that another worker gave away, with what it knew of them.
 *  - own: this worker listens by node:net's public API. Used when the running Node hides its handles.
 */
import { createServer, type Server, Socket } from "node:net";
import { constants } from "node:os";
import type { AcceptConnection, AdoptConnection, ConnectionHandler } from "@keydb-ts/core";
import type { MovedClient } from "../ipc/messages.ts";
import type { TcpEndpoint } from "../system-calls.ts";
import { type RawHandle, rawHandleOf } from "./raw-handle.ts";
import { type ConnectionFacts, SocketConnection } from "./socket-connection.ts";

/** Larger requests arrive in several pieces; one buffer serves all connections of the process. */
const READ_BUFFER_BYTES = 64 * 1024;
/** Accepted from one socket at once while a script runs. */
const MAX_ACCEPTS = 64;

export interface ClientListenerOptions {
  readonly accept: AcceptConnection;
  readonly adopt: AdoptConnection;
  /** Gives a client to the worker at `slot`; calls `sent` when the handle is not needed here any more. */
  handOver(slot: number, client: MovedClient, handle: RawHandle, sent: () => void): void;
  /** Path shown as the address of unix socket clients. */
  unixPath(): string;
  /** A failed accept (out of descriptors, mostly). */
  onAcceptError(text: string): void;
}

export class ClientListener {
  /** Clients connected through this listener, in the order they came. */
  readonly connections = new Set<SocketConnection>();
  private readonly options: ClientListenerOptions;
  private readonly handles: RawHandle[] = [];
  private readonly servers: Server[] = [];
  private readonly readBuffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
  private onEmpty: (() => void) | null = null;

  constructor(options: ClientListenerOptions) {
    this.options = options;
  }

  /** Accepts from a listening handle until `stop`. Throws when the kernel refuses. */
  adoptListener(handle: RawHandle, backlog: number): void {
    handle.onconnection = (status, client) => {
      if (status < 0 || client === undefined) this.options.onAcceptError(errnoText(status));
      else this.adoptClient(client, false);
    };
    const status = handle.listen(backlog);
    if (status < 0) {
      handle.close();
      throw new Error(`listen: ${errnoText(status)}`);
    }
    this.handles.push(handle);
  }

  /** Listens by itself beside the other workers; resolves when it does. */
  listenOn(endpoint: TcpEndpoint, backlog: number): Promise<void> {
    const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => this.openPublic(socket));
    this.servers.push(server);
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(
        {
          host: endpoint.address,
          port: endpoint.port,
          backlog,
          reusePort: true,
          exclusive: true,
          ipv6Only: endpoint.family === 6,
        },
        () => {
          server.off("error", reject);
          server.on("error", (error) => this.options.onAcceptError(error.message));
          resolve();
        },
      );
    });
  }

  /** Takes over one connected client. */
  adoptClient(handle: RawHandle, isUnix: boolean): void {
    this.openHandle({ handle }, isUnix, (socket) => this.factsOf(socket, isUnix, handle), this.options.accept);
  }

  /** Takes over a client that another worker has served so far. */
  adoptMoved(handle: RawHandle, client: MovedClient): void {
    const { remoteAddress, localAddress, isUnix, isLoopback, state } = client;
    const facts = { remoteAddress, localAddress, isUnix, isLoopback, handle };
    this.openHandle(
      { handle },
      isUnix,
      () => facts,
      (connection) => this.options.adopt(connection, state),
    );
  }

  /**
   * For the time that a script holds the event loop: takes over the clients that wait before the handed listeners.
   * `accept` takes one from a listening socket: its descriptor, non-blocking, or -1 when nobody waits.
   */
  acceptWaiting(accept: (listener: number) => number): void {
    for (const { fd: listener } of this.handles) {
      for (let n = 0; n < MAX_ACCEPTS; n++) {
        const fd = accept(listener);
        if (fd < 0) break;
        this.openHandle(
          { fd },
          false,
          (socket) => this.factsOf(socket, false, rawHandleOf(socket)),
          this.options.accept,
        );
      }
    }
  }

  private openHandle(
    from: { handle: RawHandle } | { fd: number },
    isUnix: boolean,
    factsOf: (socket: Socket) => ConnectionFacts,
    accept: AcceptConnection,
  ): void {
    let connection: SocketConnection | null = null;
    const socket = new Socket({
      ...from,
      allowHalfOpen: true,
      onread: {
        buffer: this.readBuffer,
        callback: (length: number, buffer: Buffer): boolean => {
          connection?.received(buffer, 0, length);
          return true;
        },
      },
    } as unknown as ConstructorParameters<typeof Socket>[0]);
    if (!isUnix) socket.setNoDelay(true);
    connection = this.open(socket, factsOf(socket), accept);
  }

  /** Takes over a client as a public net.Socket (own mode). */
  openPublic(socket: Socket): void {
    const facts = this.factsOf(socket, socket.remoteFamily === undefined, null);
    const connection = this.open(socket, facts, this.options.accept);
    socket.on("data", (chunk: Buffer) => connection.received(chunk, 0, chunk.length));
  }

  /** Stops accepting; the connections stay. A handed listener goes on queueing clients in the kernel. */
  stop(): void {
    for (const handle of this.handles.splice(0)) handle.close();
    for (const server of this.servers.splice(0)) server.close();
  }

  /** Resolves when the last connection is gone. */
  whenEmpty(): Promise<void> {
    if (this.connections.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.onEmpty = resolve;
    });
  }

  /** Closes every connection behind its pending output; those that are not gone after `timeoutMs` are cut. */
  async closeAll(timeoutMs: number): Promise<void> {
    for (const connection of this.connections) connection.end();
    const timer = setTimeout(() => {
      for (const connection of this.connections) connection.destroy();
    }, timeoutMs);
    await this.whenEmpty();
    clearTimeout(timer);
  }

  private factsOf(socket: Socket, isUnix: boolean, handle: RawHandle | null): ConnectionFacts {
    const unixAddress = isUnix ? `${this.options.unixPath()}:0` : "";
    const host = socket.remoteAddress ?? "";
    return {
      remoteAddress: isUnix ? unixAddress : formatAddress(host, socket.remotePort ?? 0),
      localAddress: isUnix ? unixAddress : formatAddress(socket.localAddress ?? "", socket.localPort ?? 0),
      isUnix,
      isLoopback: isUnix || host.startsWith("127.") || host === "::1" || host.startsWith("::ffff:127."),
      handle,
    };
  }

  private open(socket: Socket, facts: ConnectionFacts, accept: AcceptConnection): SocketConnection {
    const connection = new SocketConnection(socket, facts, this.options.handOver);
    this.connections.add(connection);
    const handler: ConnectionHandler | null = accept(connection);
    connection.start(handler, () => {
      this.connections.delete(connection);
      if (this.connections.size === 0) this.onEmpty?.();
    });
    return connection;
  }
}

function formatAddress(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function errnoText(status: number): string {
  const found = Object.entries(constants.errno).find(([, value]) => value === -status);
  return found?.[0] ?? `error ${-status}`;
}
