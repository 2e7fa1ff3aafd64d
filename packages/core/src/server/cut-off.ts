/** Clients that pass a limit of their buffers are cut off: counted, told of in the log, closed at once. */
import type { Client } from "../command/client.ts";
import type { Services, SessionFacts } from "../command/services.ts";
import { COUNTER } from "../ports/counters.ts";

/** The unread input passes `client-query-buffer-limit`. */
export function cutOffForInput(server: Services, session: SessionFacts): void {
  count(server, COUNTER.client_query_buffer_limit_disconnections);
  server.host.log(
    "warning",
    `Closing client that reached max query buffer length: ${server.clients.line(session.client)}`,
  );
  session.kill(false);
}

/** The unsent output passes `client-output-buffer-limit`. */
export function cutOffForOutput(server: Services, session: SessionFacts): void {
  count(server, COUNTER.client_output_buffer_limit_disconnections);
  server.host.log(
    "warning",
    `Client ${server.clients.line(session.client)} scheduled to be closed ASAP for overcoming of output buffer limits.`,
  );
  session.kill(false);
}

/** What the client sent is no protocol. */
export function logProtocolError(server: Services, client: Client, message: string): void {
  server.host.log("verbose", `Protocol error (${message}) from client: id=${client.id} addr=${client.address}`);
}

function count(server: Services, counter: number): void {
  server.counters[counter] = (server.counters[counter] as number) + 1;
}
