/** Frames that clients get unasked: pushes in RESP3, arrays in RESP2. */
export const PUSH = 0x3e;
export const RESP2_ARRAY = 0x2a;
const CRLF = Buffer.from("\r\n");

/** A bulk string, in pieces to be joined. */
export function bulk(bytes: Buffer): Buffer[] {
  return [Buffer.from(`$${bytes.length}\r\n`), bytes, CRLF];
}

/** An aggregate of bulk strings; `type` is its first byte. In one buffer, since every message of a channel is one. */
export function messageFrame(type: number, parts: readonly Buffer[]): Buffer {
  const header = `${parts.length}\r\n`;
  const lengths = parts.map((part) => `$${part.length}\r\n`);
  let size = 1 + header.length;
  for (let i = 0; i < parts.length; i++) size += (lengths[i] as string).length + (parts[i] as Buffer).length + 2;
  const frame = Buffer.allocUnsafe(size);
  frame[0] = type;
  let at = 1 + frame.latin1Write(header, 1);
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as Buffer;
    at += frame.latin1Write(lengths[i] as string, at);
    frame.set(part, at);
    at += part.length;
    frame[at++] = 13;
    frame[at++] = 10;
  }
  return frame;
}
