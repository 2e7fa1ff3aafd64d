/** Clients that wait: sends a blocking command and tells when its client really waits, whichever process it is on. */
import type { Argument, Reply, RespClient } from "./resp-client.ts";
import { waitUntil } from "./wait-until.ts";

/** A reply as text, verbatim strings too. */
export async function textOf(client: RespClient, ...args: Argument[]): Promise<string> {
  const reply = await client.ok(...args);
  return typeof reply === "object" && reply !== null && "text" in reply ? String(reply.text) : String(reply);
}

/** Sends a blocking command and resolves once its client waits; `reply` is what it will answer. */
export async function block(
  observer: RespClient,
  client: RespClient,
  ...args: Argument[]
): Promise<{ reply: Promise<Reply> }> {
  const id = await client.ok("CLIENT", "ID");
  const reply = client.call(...args);
  reply.catch(() => undefined);
  await waitUntil(`client ${id} to block in ${args[0]}`, async () =>
    /flags=[^ ]*b/.test(await textOf(observer, "CLIENT", "LIST", "ID", String(id))),
  );
  return { reply };
}

export async function blockedClients(client: RespClient): Promise<number> {
  return Number(/blocked_clients:(\d+)/.exec(await textOf(client, "INFO", "clients"))?.[1]);
}
