/** CLIENT KILL and UNBLOCK over all processes. */

import { CLIENT_ID_NOT_POSITIVE, errorReply, NO_SUCH_CLIENT, SYNTAX_ERROR, UNBLOCK_REASON } from "../../base/errors.ts";
import { oneOf, optional, token } from "../../command/arg-grammar.ts";
import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import type { ClientFilter } from "../../command/services.ts";
import { readClientType } from "./client-list.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function readFilter(ctx: Context): ClientFilter {
  const { args } = ctx;
  const any = ctx.server.clients.any;
  // The old form names an address and may hit the asking client itself.
  if (args.count === 3) return { ...any, address: args.latin1(2) };
  const filter: Mutable<ClientFilter> = { ...any, skipId: ctx.client.id };
  for (let i = 2; i < args.count; i += 2) {
    const more = i + 1 < args.count;
    if (!more) throw SYNTAX_ERROR;
    if (args.is(i, "id")) filter.ids = [args.int(i + 1, CLIENT_ID_NOT_POSITIVE, 1)];
    else if (args.is(i, "type")) filter.type = readClientType(ctx, i + 1);
    else if (args.is(i, "addr")) filter.address = args.latin1(i + 1);
    else if (args.is(i, "laddr")) filter.localAddress = args.latin1(i + 1);
    else if (args.is(i, "user")) filter.user = readUser(ctx, i + 1);
    else if (args.is(i, "skipme")) filter.skipId = readSkipMe(ctx, i + 1);
    else throw SYNTAX_ERROR;
  }
  return filter;
}

function readUser(ctx: Context, i: number): string {
  const user = ctx.args.latin1(i);
  if (user !== "default") throw errorReply(`ERR No such user '${user}'`);
  return user;
}

function readSkipMe(ctx: Context, i: number): number {
  if (ctx.args.is(i, "yes")) return ctx.client.id;
  if (ctx.args.is(i, "no")) return 0;
  throw SYNTAX_ERROR;
}

function handleKill(ctx: Context): void {
  const here = ctx.server.clients.kill(readFilter(ctx), ctx.client.id);
  const killed = new Set([...here, ...((ctx.prepared as number[] | null) ?? [])]).size;
  if (ctx.args.count > 3) ctx.reply.integer(killed);
  else if (killed === 0) throw NO_SUCH_CLIENT;
  else ctx.reply.ok();
}

/** The client may be on any process; only its own knows whether it still waits. */
function prepareUnblock(ctx: Context): Promise<boolean> {
  const { args } = ctx;
  const { blocking, sessions } = ctx.server;
  if (args.count > 4) throw SYNTAX_ERROR;
  if (args.count === 4 && !args.is(3, "error") && !args.is(3, "timeout")) throw UNBLOCK_REASON;
  const id = Number(args.int64(2));
  const withError = args.count === 4 && args.is(3, "error");
  const elsewhere = sessions.has(id) ? null : blocking.unblockElsewhere(id, withError);
  return elsewhere ?? blocking.unblock(id, withError);
}

function handleUnblock(ctx: Context): void {
  ctx.reply.integer(ctx.prepared === true ? 1 : 0);
}

export const clientKill: CommandSpec = {
  name: "KILL",
  group: "connection",
  since: "2.4.0",
  summary: "Closes connections, whichever process they are on.",
  complexity: "O(N) where N is the number of client connections",
  arity: -3,
  flags: ["admin", "noscript", "loading", "stale"],
  history: [
    ["2.8.12", "Added new filter format."],
    ["2.8.12", "`ID` option."],
    ["3.2.0", "Added `master` type in for `TYPE` option."],
    ["5.0.0", "Replaced `slave` `TYPE` with `replica`. `slave` still supported for backward compatibility."],
    ["6.2.0", "`LADDR` option."],
  ],
  args: [
    {
      name: "filter",
      type: "oneof",
      args: [
        { name: "old-format", type: "string", display: "ip:port", deprecatedSince: "2.8.12" },
        {
          name: "new-format",
          type: "oneof",
          flags: ["multiple"],
          args: [
            { name: "client-id", type: "integer", token: "ID", since: "2.8.12", flags: ["optional"] },
            {
              name: "client-type",
              type: "oneof",
              token: "TYPE",
              since: "2.8.12",
              flags: ["optional"],
              args: [
                token("NORMAL"),
                { name: "master", type: "pure-token", token: "MASTER", since: "3.2.0" },
                token("SLAVE"),
                { name: "replica", type: "pure-token", token: "REPLICA", since: "5.0.0" },
                token("PUBSUB"),
              ],
            },
            { name: "username", type: "string", token: "USER", flags: ["optional"] },
            { name: "addr", type: "string", display: "ip:port", token: "ADDR", flags: ["optional"] },
            { name: "laddr", type: "string", display: "ip:port", token: "LADDR", since: "6.2.0", flags: ["optional"] },
            {
              name: "skipme",
              type: "oneof",
              token: "SKIPME",
              flags: ["optional"],
              args: [token("YES"), token("NO")],
            },
          ],
        },
      ],
    },
  ],
  prepare: (ctx) => ctx.server.clients.killElsewhere(readFilter(ctx)),
  handler: handleKill,
};

export const clientUnblock: CommandSpec = {
  name: "UNBLOCK",
  group: "connection",
  since: "5.0.0",
  summary: "Ends the wait of a client that a blocking command holds, on any process.",
  complexity: "O(log N) where N is the number of client connections",
  arity: -3,
  flags: ["admin", "noscript", "loading", "stale"],
  args: [{ name: "client-id", type: "integer" }, optional(oneOf("unblock-type", [token("TIMEOUT"), token("ERROR")]))],
  prepare: prepareUnblock,
  handler: handleUnblock,
};
