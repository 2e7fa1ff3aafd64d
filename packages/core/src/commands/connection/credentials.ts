/** Name and password checks shared by AUTH and HELLO. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Context } from "../../command/context.ts";
import { COUNTER } from "../../ports/counters.ts";

/** Digests are compared, in constant time, so that time tells neither content nor length. */
function samePassword(given: Uint8Array, wanted: string): boolean {
  const a = createHash("sha256").update(given).digest();
  const b = createHash("sha256").update(wanted, "latin1").digest();
  return timingSafeEqual(a, b);
}

/** Authenticates the client when the credentials are right; counts a failure. */
export function checkCredentials(ctx: Context, user: string, password: Uint8Array): boolean {
  const { client, server } = ctx;
  const wanted = server.config.getText("requirepass") ?? "";
  if (user === "default" && (wanted === "" || samePassword(password, wanted))) {
    client.authenticated = true;
    client.user = user;
    return true;
  }
  server.counters[COUNTER.acl_access_denied_auth] = (server.counters[COUNTER.acl_access_denied_auth] as number) + 1;
  return false;
}
