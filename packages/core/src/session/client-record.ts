/**
 * What is known of a client, as plain data: so it goes along when the client moves to another process. Everything that
 * CLIENT LIST shows and that changes how commands are answered is here, or keeps the client from moving
 * (server/client-moves.ts).
 */
import { Client } from "../command/client.ts";
import type { Registry } from "../command/registry.ts";
import type { Connection } from "../ports/connection.ts";

export interface ClientRecord {
  readonly id: number;
  readonly createdMs: number;
  readonly lastInteractionMs: number;
  readonly authenticated: boolean;
  readonly user: string | null;
  readonly db: number;
  readonly resp: number;
  readonly name: string;
  readonly libName: string;
  readonly libVersion: string;
  readonly replyMode: number;
  readonly noEvict: boolean;
  readonly noTouch: boolean;
  /** Statistics row of the last command: the same in every process of a server. */
  readonly lastCommand: number | null;
  readonly commandsProcessed: number;
  readonly netInputBytes: number;
  readonly netOutputBytes: number;
}

export function recordOf(client: Client): ClientRecord {
  return {
    id: client.id,
    createdMs: client.createdMs,
    lastInteractionMs: client.lastInteractionMs,
    authenticated: client.authenticated,
    user: client.user,
    db: client.db,
    resp: client.resp,
    name: client.name,
    libName: client.libName,
    libVersion: client.libVersion,
    replyMode: client.replyMode,
    noEvict: client.noEvict,
    noTouch: client.noTouch,
    lastCommand: client.lastCommand?.id ?? null,
    commandsProcessed: client.commandsProcessed,
    netInputBytes: client.netInputBytes,
    netOutputBytes: client.netOutputBytes,
  };
}

/** The client that a record describes, on its connection in this process. */
export function clientOf(record: ClientRecord, connection: Connection, registry: Registry): Client {
  const { remoteAddress, localAddress, fd, isUnix } = connection;
  const { id, createdMs, authenticated } = record;
  const client = new Client(id, remoteAddress, localAddress, fd, isUnix, createdMs, authenticated);
  client.lastInteractionMs = record.lastInteractionMs;
  client.user = record.user;
  client.db = record.db;
  client.resp = record.resp;
  client.name = record.name;
  client.libName = record.libName;
  client.libVersion = record.libVersion;
  client.replyMode = record.replyMode;
  client.noEvict = record.noEvict;
  client.noTouch = record.noTouch;
  client.lastCommand = record.lastCommand === null ? null : (registry.byId[record.lastCommand] ?? null);
  client.commandsProcessed = record.commandsProcessed;
  client.netInputBytes = record.netInputBytes;
  client.netOutputBytes = record.netOutputBytes;
  return client;
}
