/**
 * FUNCTION DUMP's payload, the form that libraries have in RDB files:
 * { 0xf5 | code as an RDB string } per library | RDB version u16 | CRC-64 of all before it, both little endian.
 */
import { errorReply, PAYLOAD_WRONG } from "../base/errors.ts";
import { openPayload, sealPayload } from "../rdb/dump-payload.ts";
import { RDB_OPCODE, RDB_VERSION } from "../rdb/rdb-format.ts";
import { DamagedPayload, type RdbReader } from "../rdb/rdb-reader.ts";
import { RdbWriter } from "../rdb/rdb-writer.ts";

/** `compresses`: `rdbcompression`. */
export function writeFunctionPayload(codes: readonly Buffer[], compresses: boolean): Buffer {
  const to = new RdbWriter(compresses);
  for (const code of codes) {
    to.byte(RDB_OPCODE.function);
    to.string(code);
  }
  return sealPayload(to, RDB_VERSION);
}

/** The libraries' codes. Throws Redis' texts. `trusts`: any checksum will do. */
export function readFunctionPayload(payload: Buffer, trusts = false): Buffer[] {
  const from = openPayload(payload, RDB_VERSION, trusts);
  if (from === null) throw PAYLOAD_WRONG;
  const codes: Buffer[] = [];
  while (from.left > 0) {
    const opcode = from.byte();
    if (opcode === RDB_OPCODE.functionPreGa) throw errorReply("ERR Pre-GA function format not supported");
    if (opcode !== RDB_OPCODE.function) throw errorReply("ERR given type is not a function");
    codes.push(readCode(from));
  }
  return codes;
}

function readCode(from: RdbReader): Buffer {
  try {
    return from.string();
  } catch (error) {
    if (error instanceof DamagedPayload) throw errorReply("ERR Failed loading library payload");
    throw error;
  }
}
