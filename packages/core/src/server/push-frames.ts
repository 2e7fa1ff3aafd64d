/** Pieces of the frames that clients get unasked: pushes in RESP3, arrays in RESP2. */
export const PUSH: Buffer = Buffer.from(">");
export const RESP2_ARRAY: Buffer = Buffer.from("*");
const CRLF = Buffer.from("\r\n");

/** A bulk string, in pieces to be joined. */
export function bulk(bytes: Buffer): Buffer[] {
  return [Buffer.from(`$${bytes.length}\r\n`), bytes, CRLF];
}
