/**
 * FUNCTION DUMP's payload, the form that libraries have in RDB files:
 * { 0xf5 | code as an RDB string } per library | RDB version u16 | CRC-64 of all before it, both little endian.
 */
import { crc64 } from "../base/crc64.ts";
import { errorReply, FUNCTION_PAYLOAD_WRONG } from "../base/errors.ts";
import { lzfDecompress } from "../base/lzf.ts";

const RDB_VERSION = 11;
const OPCODE = { function: 0xf5, functionPreGa: 0xf6 } as const;
const FOOTER_BYTES = 10;

function stringHead(length: number): Buffer {
  if (length < 64) return Buffer.of(length);
  if (length < 16384) return Buffer.of(0x40 | (length >> 8), length & 0xff);
  const head = Buffer.alloc(5);
  head[0] = 0x80;
  head.writeUInt32BE(length, 1);
  return head;
}

export function writeFunctionPayload(codes: readonly Buffer[]): Buffer {
  const parts = codes.flatMap((code) => [Buffer.of(OPCODE.function), stringHead(code.length), code]);
  const version = Buffer.alloc(2);
  version.writeUInt16LE(RDB_VERSION);
  const body = Buffer.concat([...parts, version]);
  const sum = Buffer.alloc(8);
  sum.writeBigUInt64LE(BigInt.asUintN(64, crc64(body)));
  return Buffer.concat([body, sum]);
}

class PayloadReader {
  private readonly bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  byte(): number {
    const value = this.bytes[this.at++];
    if (value === undefined) throw FAILED;
    return value;
  }

  take(length: number): Buffer {
    if (length > this.left) throw FAILED;
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** A length, or a special encoding as its negative less one. */
  private length(): number {
    const first = this.byte();
    const kind = first >> 6;
    if (kind === 0) return first & 63;
    if (kind === 1) return ((first & 63) << 8) | this.byte();
    if (kind === 3) return -(first & 63) - 1;
    if (first === 0x80) return this.take(4).readUInt32BE();
    if (first === 0x81) return Number(this.take(8).readBigUInt64BE());
    throw FAILED;
  }

  private plainLength(): number {
    const length = this.length();
    if (length < 0) throw FAILED;
    return length;
  }

  string(): Buffer {
    const length = this.length();
    if (length >= 0) return Buffer.from(this.take(length));
    switch (-length - 1) {
      case 0:
        return Buffer.from(String(this.take(1).readInt8()));
      case 1:
        return Buffer.from(String(this.take(2).readInt16LE()));
      case 2:
        return Buffer.from(String(this.take(4).readInt32LE()));
      case 3: {
        const packed = this.plainLength();
        const size = this.plainLength();
        const text = lzfDecompress(this.take(packed), size);
        if (text === null) throw FAILED;
        return text;
      }
      default:
        throw FAILED;
    }
  }
}

const FAILED = errorReply("ERR Failed loading library payload");

/** The libraries' codes. Throws Redis' texts. */
export function readFunctionPayload(payload: Buffer): Buffer[] {
  const body = payload.length - FOOTER_BYTES;
  if (body < 0 || payload.readUInt16LE(body) > RDB_VERSION) throw FUNCTION_PAYLOAD_WRONG;
  if (BigInt.asUintN(64, crc64(payload, 0, body + 2)) !== payload.readBigUInt64LE(body + 2))
    throw FUNCTION_PAYLOAD_WRONG;
  const reader = new PayloadReader(payload.subarray(0, body));
  const codes: Buffer[] = [];
  while (reader.left > 0) {
    const opcode = reader.byte();
    if (opcode === OPCODE.functionPreGa) throw errorReply("ERR Pre-GA function format not supported");
    if (opcode !== OPCODE.function) throw errorReply("ERR given type is not a function");
    codes.push(reader.string());
  }
  return codes;
}
