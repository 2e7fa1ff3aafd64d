/** CLIENT SETNAME, GETNAME and SETINFO: labels that a client gives itself. */

import { CLIENT_NAME_INVALID, errorReply } from "../../base/errors.ts";
import { oneOf } from "../../command/arg-grammar.ts";
import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";

/** Printable, without blanks: a label may not break the lines of CLIENT LIST. */
function isLabel(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 33 || c > 126) return false;
  }
  return true;
}

/** Sets the connection's name from argument `i`; an empty one removes it. */
export function setClientName(ctx: Context, i: number): void {
  const name = ctx.args.latin1(i);
  if (!isLabel(name)) throw CLIENT_NAME_INVALID;
  ctx.client.name = name;
}

function handleSetName(ctx: Context): void {
  setClientName(ctx, 2);
  ctx.reply.ok();
}

function handleGetName(ctx: Context): void {
  if (ctx.client.name === "") ctx.reply.null();
  else ctx.reply.bulkText(ctx.client.name);
}

function handleSetInfo(ctx: Context): void {
  const { args, client } = ctx;
  const isName = args.is(2, "lib-name");
  if (!isName && !args.is(2, "lib-ver")) throw errorReply(`ERR Unrecognized option '${args.latin1(2)}'`);
  const value = args.latin1(3);
  if (!isLabel(value)) {
    throw errorReply(`ERR ${args.latin1(2)} cannot contain spaces, newlines or special characters.`);
  }
  if (isName) client.libName = value;
  else client.libVersion = value;
  ctx.reply.ok();
}

export const clientSetName: CommandSpec = {
  name: "SETNAME",
  group: "connection",
  since: "2.6.9",
  summary: "Names the connection.",
  complexity: "O(1)",
  arity: 3,
  flags: ["noscript", "loading", "stale"],
  tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
  args: [{ name: "connection-name", type: "string" }],
  handler: handleSetName,
};

export const clientGetName: CommandSpec = {
  name: "GETNAME",
  group: "connection",
  since: "2.6.9",
  summary: "Tells the connection's name.",
  complexity: "O(1)",
  arity: 2,
  flags: ["noscript", "loading", "stale"],
  handler: handleGetName,
};

export const clientSetInfo: CommandSpec = {
  name: "SETINFO",
  group: "connection",
  since: "7.2.0",
  summary: "Tells the server which client library speaks.",
  complexity: "O(1)",
  arity: 4,
  flags: ["noscript", "loading", "stale"],
  tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
  args: [
    oneOf("attr", [
      { name: "libname", type: "string", token: "LIB-NAME" },
      { name: "libver", type: "string", token: "LIB-VER" },
    ]),
  ],
  handler: handleSetInfo,
};
