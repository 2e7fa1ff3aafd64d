/** HELLO: protocol version, credentials and name in one step. */
import { errorReply, HELLO_NOAUTH, NOPROTO, PROTOVER_NOT_AN_INTEGER, WRONGPASS } from "../../base/errors.ts";
import { REDIS_VERSION } from "../../base/version.ts";
import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import type { Args } from "../../resp/args.ts";
import { setClientName } from "./client-name.ts";
import { checkCredentials } from "./credentials.ts";

function readVersion(ctx: Context): number {
  const { args } = ctx;
  if (args.count < 2) return 0;
  const version = args.int(1, PROTOVER_NOT_AN_INTEGER);
  if (version < 2 || version > 3) throw NOPROTO;
  return version;
}

function handleHello(ctx: Context): void {
  const { args, client } = ctx;
  const version = readVersion(ctx);
  let authAt = 0;
  let nameAt = 0;
  for (let i = 2; i < args.count; i++) {
    const more = args.count - 1 - i;
    if (args.is(i, "auth") && more >= 2) {
      authAt = i + 1;
      i += 2;
    } else if (args.is(i, "setname") && more >= 1) {
      nameAt = ++i;
    } else {
      throw errorReply(`ERR Syntax error in HELLO option '${args.latin1(i)}'`);
    }
  }
  if (authAt !== 0 && !checkCredentials(ctx, args.latin1(authAt), args.bytes(authAt + 1))) throw WRONGPASS;
  if (!client.authenticated) throw HELLO_NOAUTH;
  if (nameAt !== 0) setClientName(ctx, nameAt);
  if (version !== 0) {
    client.resp = version;
    ctx.reply.resp = version;
  }
  replyHello(ctx);
}

function replyHello(ctx: Context): void {
  const { client, reply } = ctx;
  reply.mapHeader(7);
  reply.bulkText("server");
  reply.bulkText("redis");
  reply.bulkText("version");
  reply.bulkText(REDIS_VERSION);
  reply.bulkText("proto");
  reply.integer(client.resp);
  reply.bulkText("id");
  reply.integer(client.id);
  reply.bulkText("mode");
  reply.bulkText("standalone");
  reply.bulkText("role");
  reply.bulkText("master");
  reply.bulkText("modules");
  reply.arrayHeader(0);
}

/** User and password of the AUTH option. */
function sensitiveArgs(args: Args): number[] {
  for (let i = 2; i + 2 < args.count; i++) if (args.is(i, "auth")) return [i + 1, i + 2];
  return [];
}

export const hello: CommandSpec = {
  name: "HELLO",
  group: "connection",
  since: "6.0.0",
  summary: "Agrees on the protocol version; can authenticate and name the connection as well.",
  complexity: "O(1)",
  arity: -1,
  flags: ["noscript", "loading", "stale", "fast", "no_auth", "allow_busy"],
  sensitiveArgs,
  history: [
    [
      "6.2.0",
      "`protover` made optional; when called without arguments the command reports the current connection's context.",
    ],
  ],
  args: [
    {
      name: "arguments",
      type: "block",
      flags: ["optional"],
      args: [
        { name: "protover", type: "integer" },
        {
          name: "auth",
          type: "block",
          token: "AUTH",
          flags: ["optional"],
          args: [
            { name: "username", type: "string" },
            { name: "password", type: "string" },
          ],
        },
        { name: "clientname", type: "string", token: "SETNAME", flags: ["optional"] },
      ],
    },
  ],
  handler: handleHello,
};
