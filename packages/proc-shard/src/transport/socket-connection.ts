/**
 * One client connection on a net.Socket: the Connection port.
 *
 * The way of bytes, measured in the README: reads land in one buffer shared by all connections (the socket's `onread`
 * option), writes go to the kernel by one synchronous write(2) on the descriptor. Only what the kernel refuses is
 * copied and goes through the stream, whose callback tells when there is room again. Without a descriptor (public
 * mode) every write takes the second way.
 *
 * The descriptor's number may be given to another connection as soon as the socket is destroyed, so every write looks
 * at `socket.destroyed` first.
 */
import { readSync, writeSync } from "node:fs";
import type { Socket } from "node:net";
import type { Connection, ConnectionHandler } from "@keydb-ts/core";
import type { MovedClient } from "../ipc/messages.ts";
import { PendingOutput } from "./pending-output.ts";
import type { RawHandle } from "./raw-handle.ts";

/** What goes through the stream at once: the rest follows by write(2) when the kernel has room. */
const STREAM_PIECE_BYTES = 64 * 1024;

export interface ConnectionFacts {
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly isUnix: boolean;
  readonly isLoopback: boolean;
  /** For direct writes and for moving; null when the socket hides it. */
  readonly handle: RawHandle | null;
}

/** Gives a client's socket to the worker at `slot`, then calls `sent`: the handle may be closed here. */
export type HandOver = (slot: number, client: MovedClient, handle: RawHandle, sent: () => void) => void;

export class SocketConnection implements Connection {
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly isUnix: boolean;
  readonly isLoopback: boolean;
  isClosing = false;

  private readonly socket: Socket;
  private readonly handle: RawHandle | null;
  private readonly handOver: HandOver;
  private readonly descriptor: number;
  private readonly pending = new PendingOutput();
  /** Bytes handed to the stream whose callback has not come. */
  private inStream = 0;
  private handler: ConnectionHandler | null = null;
  private isEnding = false;
  private peerHasEnded = false;
  private readonly onRoom: (error?: Error | null) => void;

  constructor(socket: Socket, facts: ConnectionFacts, handOver: HandOver) {
    this.socket = socket;
    this.remoteAddress = facts.remoteAddress;
    this.localAddress = facts.localAddress;
    this.isUnix = facts.isUnix;
    this.isLoopback = facts.isLoopback;
    this.handle = facts.handle;
    this.handOver = handOver;
    this.descriptor = facts.handle?.fd ?? -1;
    this.onRoom = (error) => this.room(error ?? null);
    socket.on("error", () => this.destroy());
    socket.on("end", () => this.peerEnded());
  }

  /** Connects the engine's side; null refuses the client. `onClosed` is called once, after the handler's onClose. */
  start(handler: ConnectionHandler | null, onClosed: () => void): void {
    this.handler = handler;
    this.socket.on("close", () => {
      this.isClosing = true;
      this.pending.clear();
      this.handler?.onClose();
      this.handler = null;
      onClosed();
    });
    if (handler === null) this.end();
  }

  get fd(): number {
    return this.socket.destroyed ? -1 : this.descriptor;
  }

  get pendingBytes(): number {
    return this.pending.byteLength;
  }

  /** Called by the listener with what was read. */
  received(chunk: Buffer, start: number, end: number): void {
    if (!this.isClosing) this.handler?.onData(chunk, start, end);
  }

  write(buffer: Buffer, start: number, end: number): boolean {
    if (this.isClosing || start >= end || this.socket.destroyed) return true;
    if (this.pending.byteLength > 0) {
      this.pending.append(buffer, start, end);
      return false;
    }
    const taken = this.descriptor < 0 ? 0 : this.writeNow(buffer, start, end - start);
    if (taken < 0 || taken === end - start) return true;
    this.pending.append(buffer, start + taken, end);
    this.pump();
    return false;
  }

  readNow(target: Buffer): number {
    if (this.isClosing || this.descriptor < 0 || this.socket.destroyed) return 0;
    try {
      return readSync(this.descriptor, target, 0, target.length, null);
    } catch {
      // Nothing there, or broken: the event loop will find out.
      return 0;
    }
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    if (!this.isClosing) this.socket.resume();
  }

  end(): void {
    if (this.isClosing) return;
    this.isClosing = true;
    this.socket.pause();
    if (this.pending.byteLength === 0) this.finish();
    else this.isEnding = true;
  }

  destroy(): void {
    this.isClosing = true;
    this.pending.clear();
    this.socket.destroy();
  }

  moveTo(slot: number, state: unknown): boolean {
    const { handle, remoteAddress, localAddress, isUnix, isLoopback } = this;
    if (handle === null || this.isClosing || this.peerHasEnded || this.pending.byteLength > 0) return false;
    // Reading stops within this call; what arrives from now on waits in the kernel for the other process.
    this.socket.pause();
    if (this.socket.destroyed) return false;
    this.isClosing = true;
    this.handler = null;
    // Closing a descriptor that another process has too says nothing to the peer.
    const sent = (): void => void this.socket.destroy();
    this.handOver(slot, { remoteAddress, localAddress, isUnix, isLoopback, state }, handle, sent);
    return true;
  }

  setKeepAlive(seconds: number): void {
    if (!this.isUnix) this.socket.setKeepAlive(seconds > 0, seconds * 1000);
  }

  private peerEnded(): void {
    this.peerHasEnded = true;
    if (this.handler === null || this.isClosing) this.finishWhenWritten();
    else this.handler.onEnd();
  }

  /** After the peer's FIN nothing else will move an ending connection but its own output. */
  private finishWhenWritten(): void {
    if (this.pending.byteLength === 0) this.socket.destroy();
  }

  /** FIN after the last byte, then close. */
  private finish(): void {
    this.socket.destroySoon();
  }

  /** One write(2). Bytes taken, 0 when the kernel has no room, -1 when the connection broke. */
  private writeNow(buffer: Buffer, offset: number, length: number): number {
    try {
      return writeSync(this.descriptor, buffer, offset, length, null);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") return 0;
      this.destroy();
      return -1;
    }
  }

  /** Hands the next piece to the stream; `room` follows when the kernel took it. */
  private pump(): void {
    const head = this.pending.head();
    if (head === null) return;
    const piece = this.descriptor < 0 ? head : head.subarray(0, STREAM_PIECE_BYTES);
    this.inStream = piece.length;
    this.socket.write(piece, this.onRoom);
  }

  private room(error: Error | null): void {
    if (error !== null || this.socket.destroyed) return;
    this.pending.advance(this.inStream);
    this.inStream = 0;
    while (this.descriptor >= 0) {
      const head = this.pending.head();
      if (head === null) break;
      const taken = this.writeNow(head, 0, head.length);
      if (taken < 0) return;
      this.pending.advance(taken);
      // A short write says that the kernel is full again: asking once more would only fail.
      if (taken < head.length) break;
    }
    if (this.pending.byteLength > 0) this.pump();
    else if (this.isEnding) this.finish();
    else if (!this.isClosing) this.handler?.onDrain();
  }
}
