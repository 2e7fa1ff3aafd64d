/**
 * The seam between the transport (`packages/proc-shard`: sockets, listeners) and the engine (`server/`: sessions,
 * dispatch). The listener calls `AcceptConnection` once per client; the engine answers with the handler of that
 * connection. Everything here is synchronous and runs on the event loop's thread.
 *
 * Order of calls on a handler: any number of onData and onDrain, at most one onEnd after the last onData, then exactly
 * one onClose, then nothing.
 */
export interface Connection {
  /** "ip:port" of the client ("[ipv6]:port" for IPv6), or "<socket path>:0" for a unix socket, as CLIENT LIST shows it. */
  readonly remoteAddress: string;
  /** The address the client reached, in the same form. */
  readonly localAddress: string;
  readonly isUnix: boolean;
  /** Whether the client's address is a loopback one (unix sockets count as such); protected mode asks for it. */
  readonly isLoopback: boolean;
  /** File descriptor, -1 once closed. For CLIENT LIST only: nobody but the transport reads or writes it. */
  readonly fd: number;

  /**
   * Hands `buffer[start..end)` to the kernel. The caller may reuse the buffer as soon as this returns, whatever it
   * returns: what the kernel did not take was copied. True when the kernel took everything; false when bytes are
   * kept here (`pendingBytes`): `onDrain` follows once they are gone, unless the connection closes first. On a closed
   * connection nothing is written and the answer is true.
   */
  write(buffer: Buffer, start: number, end: number): boolean;
  /**
   * For the time that a long script holds the event loop: takes what has arrived straight from the kernel into `target`;
   * the number of bytes, 0 when there is nothing (also at the end of the stream, which onEnd tells later).
   */
  readNow(target: Buffer): number;
  /** Bytes accepted by `write` that the kernel has not taken yet. */
  readonly pendingBytes: number;

  /** Stops reading: no onData until `resume`. The peer is held back by TCP's flow control. */
  pause(): void;
  resume(): void;

  /** Closes after the pending bytes went out (FIN after the last one). Nothing more is read. onClose follows. */
  end(): void;
  /** Closes at once, dropping pending bytes. onClose follows in a later turn, never inside this call. */
  destroy(): void;
  /** Whether `end` or `destroy` was called or the peer has gone. */
  readonly isClosing: boolean;

  /**
   * Hands the connection to the process at `slot`, whose engine is told `state` (plain data; see AdoptConnection). What was
   * not read yet is read there, so nothing is lost. False when it cannot be moved, now or ever: then nothing happened.
   * After true no method is of use any more, and the handler is not called again, not even with onClose.
   */
  moveTo(slot: number, state: unknown): boolean;

  /** SO_KEEPALIVE with the given idle time; 0 turns it off. No effect on unix sockets. */
  setKeepAlive(seconds: number): void;
}

export interface ConnectionHandler {
  /**
   * Bytes `chunk[start..end)` arrived. The chunk is shared by all connections and overwritten after this call returns:
   * consume or copy. May call any method of the connection.
   */
  onData(chunk: Buffer, start: number, end: number): void;
  /**
   * The peer sent its last byte (FIN) and may still be reading: finish what was received, then call `end`; `destroy`
   * when nothing is owed to it. Not called when the connection breaks: then onClose comes at once.
   */
  onEnd(): void;
  /** All pending bytes went to the kernel; called only after a `write` returned false. */
  onDrain(): void;
  /** The connection is gone: closed by the peer, by an error, or after `end`/`destroy`. */
  onClose(): void;
}

/** Given to the listener. Null refuses the connection: it is closed after the bytes written meanwhile went out. */
export type AcceptConnection = (connection: Connection) => ConnectionHandler | null;

/** Given to the listener: takes over a client that another process' engine has moved here. Null refuses it. */
export type AdoptConnection = (connection: Connection, state: unknown) => ConnectionHandler | null;
