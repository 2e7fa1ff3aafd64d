/**
 * The outgoing half of the bus to one peer: frames of a loop turn leave in one write. The link belongs to one process
 * (slot, pid, path); a replaced worker gets a new link. It breaks only when the peer dies; should the connection fail
 * while the peer is still announced, it is opened again, and frames not yet written go out then.
 */
import { writeSync } from "node:fs";
import { connect, type Socket } from "node:net";
import type { Packr } from "msgpackr";
import type { PeerAddress } from "../ipc/messages.ts";
import { rawHandleOf } from "../transport/raw-handle.ts";
import { FRAME, FrameWriter } from "./frames.ts";

const RECONNECT_MS = 20;

export interface PeerLinkOptions {
  readonly peer: PeerAddress;
  readonly self: { readonly slot: number; readonly pid: number };
  readonly packr: Packr;
  /** Bytes waiting for the peer beyond which it counts as stuck. */
  readonly maxQueuedBytes: number;
  onStuck(peer: PeerAddress): void;
}

export class PeerLink {
  readonly peer: PeerAddress;
  readonly frames: FrameWriter;
  private readonly options: PeerLinkOptions;
  private socket: Socket | null = null;
  private timer: NodeJS.Timeout | null = null;
  private isClosed = false;

  constructor(options: PeerLinkOptions) {
    this.options = options;
    this.peer = options.peer;
    this.frames = new FrameWriter(options.packr);
    this.open();
  }

  /** Writes what was gathered. A peer that does not read is given up once too much waits for it. */
  flush(): void {
    const { socket } = this;
    if (socket !== null && this.frames.byteLength > 0) this.write(socket, this.frames.take());
    const queuedBytes = this.frames.byteLength + (socket?.writableLength ?? 0);
    if (queuedBytes <= this.options.maxQueuedBytes) return;
    this.close();
    this.options.onStuck(this.peer);
  }

  /** As clients' replies (transport/socket-connection.ts): what the kernel does not take at once goes through the stream. */
  private write(socket: Socket, bytes: Buffer): void {
    let written = 0;
    if (!socket.connecting && !socket.destroyed && socket.writableLength === 0) {
      const fd = rawHandleOf(socket)?.fd ?? -1;
      try {
        if (fd >= 0) written = writeSync(fd, bytes, 0, bytes.length, null);
      } catch {
        // Full, or broken: the stream waits for room, or finds out.
      }
    }
    if (written < bytes.length) socket.write(written === 0 ? bytes : bytes.subarray(written));
  }

  close(): void {
    this.isClosed = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.socket?.destroy();
    this.socket = null;
  }

  private open(): void {
    const socket = connect({ path: this.peer.path });
    this.socket = socket;
    const hello = new FrameWriter(this.options.packr);
    hello.append([FRAME.hello, this.options.self.slot, this.options.self.pid]);
    // Written before the connection stands: the stream keeps it, and all that follows, in order.
    socket.write(hello.take());
    // The peer sends nothing here; reading is how its end is noticed.
    socket.resume();
    socket.unref();
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (this.isClosed) return;
      this.socket = null;
      this.timer = setTimeout(() => {
        this.open();
        this.flush();
      }, RECONNECT_MS);
      this.timer.unref();
    });
  }
}
