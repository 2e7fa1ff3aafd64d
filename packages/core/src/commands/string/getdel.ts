/** GETDEL: GET, then DEL. */
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { STRING } from "../../types/string.ts";
import { replyString } from "./reply-string.ts";

function handleGetdel(ctx: Context): void {
  const { args } = ctx;
  const entry = ctx.lookupRead(1, STRING);
  if (entry === null) {
    ctx.reply.null();
    return;
  }
  replyString(ctx, entry);
  ctx.keyspace.remove(ctx.client.db, args.buffer, args.start(1), args.end(1), entry);
  ctx.effects?.replace(["DEL", args.bytes(1)]);
  ctx.notify(NOTIFY.generic, "del", 1);
}

export const getdel: CommandSpec = {
  name: "GETDEL",
  group: "string",
  since: "6.2.0",
  summary: "Reads the string stored at a key and deletes the key.",
  complexity: "O(1)",
  arity: 2,
  flags: ["write", "fast"],
  keys: [keyAt(1, "RW", "access", "delete")],
  args: [KEY],
  handler: handleGetdel,
};
