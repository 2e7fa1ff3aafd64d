/** Whether a client is on this machine: protected configuration and commands may be allowed to such only. */
import type { Client } from "./client.ts";

export function isLocalClient(client: Client): boolean {
  return client.isUnix || client.address.startsWith("127.") || client.address.startsWith("[::1]");
}
