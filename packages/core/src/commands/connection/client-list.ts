/** CLIENT LIST, INFO and ID. */

import { errorReply, INVALID_CLIENT_ID, SYNTAX_ERROR } from "../../base/errors.ts";
import { token } from "../../command/arg-grammar.ts";
import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import type { ClientFilter, ClientLine, ClientType } from "../../command/services.ts";

const TYPES: ReadonlyMap<string, ClientType> = new Map([
  ["normal", "normal"],
  ["slave", "replica"],
  ["replica", "replica"],
  ["pubsub", "pubsub"],
  ["master", "master"],
]);

/** Reads a client type in argument `i`. */
export function readClientType(ctx: Context, i: number): ClientType {
  const type = TYPES.get(ctx.args.latin1(i).toLowerCase());
  if (type === undefined) throw errorReply(`ERR Unknown client type '${ctx.args.latin1(i)}'`);
  return type;
}

function readFilter(ctx: Context): ClientFilter {
  const { args } = ctx;
  const any = ctx.server.clients.any;
  if (args.count === 4 && args.is(2, "type")) return { ...any, type: readClientType(ctx, 3) };
  if (args.count > 3 && args.is(2, "id")) {
    const ids: number[] = [];
    for (let i = 3; i < args.count; i++) ids.push(args.int(i, INVALID_CLIENT_ID));
    return { ...any, ids };
  }
  if (args.count !== 2) throw SYNTAX_ERROR;
  return any;
}

function handleList(ctx: Context): void {
  const filter = readFilter(ctx);
  const elsewhere = (ctx.prepared as ClientLine[] | null) ?? [];
  const byId = new Map([...elsewhere, ...ctx.server.clients.list(filter)].map((client) => [client.id, client]));
  const lines = [...byId.values()];
  // In the order asked for by ID, else oldest first.
  const order = new Map((filter.ids ?? []).map((id, index) => [id, index]));
  lines.sort((a, b) => (order.get(a.id) ?? a.id) - (order.get(b.id) ?? b.id));
  ctx.reply.verbatim("txt", lines.map((client) => `${client.line}\n`).join(""));
}

function handleInfo(ctx: Context): void {
  ctx.reply.verbatim("txt", `${ctx.server.clients.line(ctx.client)}\n`);
}

function handleId(ctx: Context): void {
  ctx.reply.integer(ctx.client.id);
}

export const clientList: CommandSpec = {
  name: "LIST",
  group: "connection",
  since: "2.4.0",
  summary: "Lists the clients of all processes.",
  complexity: "O(N) where N is the number of client connections",
  arity: -2,
  flags: ["admin", "noscript", "loading", "stale"],
  aclExtra: ["connection"],
  tips: ["nondeterministic_output"],
  history: [
    ["2.8.12", "Added unique client `id` field."],
    ["5.0.0", "Added optional `TYPE` filter."],
    ["6.0.0", "Added `user` field."],
    ["6.2.0", "Added `argv-mem`, `tot-mem`, `laddr` and `redir` fields and the optional `ID` filter."],
    ["7.0.0", "Added `resp`, `multi-mem`, `rbs` and `rbp` fields."],
    ["7.0.3", "Added `ssub` field."],
  ],
  args: [
    {
      name: "client-type",
      type: "oneof",
      token: "TYPE",
      since: "5.0.0",
      flags: ["optional"],
      args: [token("NORMAL"), token("MASTER"), token("REPLICA"), token("PUBSUB")],
    },
    { name: "client-id", type: "integer", token: "ID", since: "6.2.0", flags: ["optional", "multiple"] },
  ],
  prepare: (ctx) => ctx.server.clients.listElsewhere(readFilter(ctx)),
  handler: handleList,
};

export const clientInfo: CommandSpec = {
  name: "INFO",
  group: "connection",
  since: "6.2.0",
  summary: "Describes the connection, as one line of CLIENT LIST.",
  complexity: "O(1)",
  arity: 2,
  flags: ["noscript", "loading", "stale"],
  tips: ["nondeterministic_output"],
  handler: handleInfo,
};

export const clientId: CommandSpec = {
  name: "ID",
  group: "connection",
  since: "5.0.0",
  summary: "Tells the connection's number, which no other client of any process ever has.",
  complexity: "O(1)",
  arity: 2,
  flags: ["noscript", "loading", "stale"],
  handler: handleId,
};
