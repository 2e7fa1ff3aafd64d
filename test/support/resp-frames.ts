/**
 * RESP2/RESP3 reply frames for test clients: finding where a frame ends in a stream, and turning its bytes into values.
 * Written for exactness and clear failures, not for speed.
 *
 * Values: simple and bulk strings -> string (latin1, so every byte survives); integers -> number, or bigint beyond 2^53;
 * errors -> RespError; nulls of all kinds -> null; arrays, pushes -> array; maps -> Map; sets -> Set; doubles -> { double };
 * booleans -> boolean; big numbers -> { bigNumber }; verbatim strings -> { verbatim, text }.
 */

/** An error reply; `message` is the text without the leading '-'. */
export class RespError extends Error {
  override name = "RespError";
}

export type Reply =
  | null
  | boolean
  | number
  | bigint
  | string
  | RespError
  | { readonly double: string }
  | { readonly bigNumber: string }
  | { readonly verbatim: string; readonly text: string }
  | Reply[]
  | Map<Reply, Reply>
  | Set<Reply>;

const CR = 0x0d;
const LF = 0x0a;
/** What the scanner answers when the frame goes on beyond the bytes at hand. */
const INCOMPLETE = -1;

/** Cuts a byte stream into whole top-level frames. */
export class FrameScanner {
  #bytes: Buffer = Buffer.alloc(0);
  #chunks: Buffer[] = [];
  #pendingBytes = 0;
  /** Not worth scanning before this many bytes are there. */
  #wanted = 1;

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#pendingBytes += chunk.length;
  }

  /** The next whole frame, or null when more bytes are needed. Throws on bytes that are no RESP. */
  next(): Buffer | null {
    if (this.#bytes.length + this.#pendingBytes < this.#wanted) return null;
    if (this.#chunks.length > 0) {
      this.#bytes = Buffer.concat([this.#bytes, ...this.#chunks]);
      this.#chunks = [];
      this.#pendingBytes = 0;
    }
    if (this.#bytes.length === 0) return null;
    const end = this.#frameEnd(0);
    if (end === INCOMPLETE) {
      this.#wanted = Math.max(this.#wanted, this.#bytes.length + 1);
      return null;
    }
    this.#wanted = 1;
    const frame = this.#bytes.subarray(0, end);
    this.#bytes = this.#bytes.subarray(end);
    return frame;
  }

  /** Bytes received and not yet given out. */
  get rest(): Buffer {
    return Buffer.concat([this.#bytes, ...this.#chunks]);
  }

  #frameEnd(start: number): number {
    const lineEnd = this.#bytes.indexOf("\r\n", start, "latin1");
    if (lineEnd < 0) return INCOMPLETE;
    const type = String.fromCharCode(this.#bytes[start] ?? 0);
    if ("+-:,#(_".includes(type)) return lineEnd + 2;
    const count = Number(this.#bytes.toString("latin1", start + 1, lineEnd));
    if (!Number.isInteger(count)) throw new Error(`bad RESP header ${this.#bytes.toString("latin1", start, lineEnd)}`);
    if ("$=!".includes(type)) {
      if (count < 0) return lineEnd + 2;
      const end = lineEnd + 2 + count + 2;
      if (end > this.#bytes.length) {
        this.#wanted = Math.max(this.#wanted, end);
        return INCOMPLETE;
      }
      if (this.#bytes[end - 2] !== CR || this.#bytes[end - 1] !== LF) throw new Error("bulk string without its end");
      return end;
    }
    if (!"*%~>|".includes(type)) throw new Error(`bad RESP type ${JSON.stringify(type)}`);
    let at = lineEnd + 2;
    const items = type === "%" || type === "|" ? count * 2 : count;
    for (let i = 0; i < items; i++) {
      at = this.#frameEnd(at);
      if (at === INCOMPLETE) return INCOMPLETE;
    }
    // An attribute comes before the value it describes: the two are one frame.
    return type === "|" ? this.#frameEnd(at) : at;
  }
}

/** The value of one whole frame. */
export function decodeFrame(frame: Buffer): Reply {
  return decodeAt(frame, { at: 0 });
}

function decodeAt(frame: Buffer, position: { at: number }): Reply {
  const lineEnd = frame.indexOf("\r\n", position.at, "latin1");
  const type = String.fromCharCode(frame[position.at] ?? 0);
  const line = frame.toString("latin1", position.at + 1, lineEnd);
  position.at = lineEnd + 2;
  switch (type) {
    case "+":
      return line;
    case "-":
      return new RespError(line);
    case ":":
      return decodeInteger(line);
    case ",":
      return { double: line };
    case "(":
      return { bigNumber: line };
    case "#":
      return line === "t";
    case "_":
      return null;
    case "$":
    case "!":
    case "=":
      return decodeBulk(frame, type, Number(line), position);
    default:
      return decodeAggregate(frame, type, Number(line), position);
  }
}

function decodeInteger(line: string): number | bigint {
  const value = Number(line);
  return Number.isSafeInteger(value) ? value : BigInt(line);
}

function decodeBulk(frame: Buffer, type: string, length: number, position: { at: number }): Reply {
  if (length < 0) return null;
  const text = frame.toString("latin1", position.at, position.at + length);
  position.at += length + 2;
  if (type === "!") return new RespError(text);
  return type === "=" ? { verbatim: text.slice(0, 3), text: text.slice(4) } : text;
}

function decodeAggregate(frame: Buffer, type: string, count: number, position: { at: number }): Reply {
  if (count < 0) return null;
  if (type === "%" || type === "|") {
    const map = new Map<Reply, Reply>();
    for (let i = 0; i < count; i++) map.set(decodeAt(frame, position), decodeAt(frame, position));
    return type === "|" ? decodeAt(frame, position) : map;
  }
  const items: Reply[] = [];
  for (let i = 0; i < count; i++) items.push(decodeAt(frame, position));
  return type === "~" ? new Set(items) : items;
}
