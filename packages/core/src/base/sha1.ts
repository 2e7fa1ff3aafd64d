/** SHA-1 as 40 lower-case hex digits: script names (EVALSHA, SCRIPT LOAD) and DEBUG DIGEST. */
import { createHash } from "node:crypto";

export function sha1Hex(data: Uint8Array): string {
  return createHash("sha1").update(data).digest("hex");
}

export function sha1(data: Uint8Array): Buffer {
  return createHash("sha1").update(data).digest();
}
