import { SAME_OBJECT, SYNTAX_ERROR, UNKNOWN_OBJECT_TYPE } from "../../base/errors.ts";
import { optional, token } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { copyKey } from "../../keyspace/copy.ts";
import { TYPE_ID } from "../../keyspace/entry.ts";
import { readDbIndex } from "./move.ts";

function handleCopy(ctx: Context): void {
  const { args, keyspace, reply } = ctx;
  const b = args.buffer;
  const from = ctx.client.db;
  let to = from;
  let replace = false;
  for (let i = 3; i < args.count; i++) {
    if (args.is(i, "replace")) replace = true;
    else if (args.is(i, "db") && i + 1 < args.count) to = readDbIndex(ctx, ++i);
    else throw SYNTAX_ERROR;
  }
  if (to === from && args.bytes(1).equals(args.bytes(2))) throw SAME_OBJECT;
  const source = ctx.lookupRead(1);
  if (source === null) {
    reply.integer(0);
    return;
  }
  const target = keyspace.find(to, b, args.start(2), args.end(2));
  if (target !== null && !replace) {
    reply.integer(0);
    return;
  }
  // KeyDB's answer for a KEYDB.CRON job: a second one would run beside it.
  if (source.type === TYPE_ID.cron) throw UNKNOWN_OBJECT_TYPE;
  if (target !== null) keyspace.remove(to, b, args.start(2), args.end(2), target);
  copyKey(keyspace, from, b, args.start(1), args.end(1), to, b, args.start(2), args.end(2));
  ctx.server.accessClock.create(keyspace.hashOf(b, args.start(2), args.end(2)), ctx.nowMs);
  ctx.notifyIn(to, NOTIFY.generic, "copy_to", 2);
  reply.integer(1);
}

export const copy: CommandSpec = {
  name: "COPY",
  group: "generic",
  since: "6.2.0",
  summary: "Copies the value and the expiry of a key to another key, if wanted in another database.",
  complexity: "O(N), N being the number of elements; O(1) for short strings.",
  arity: -3,
  flags: ["write", "denyoom"],
  keys: [keyAt(1, "RO", "access"), keyAt(2, "OW", "update")],
  args: [
    { name: "source", type: "key", keySpecIndex: 0 },
    { name: "destination", type: "key", keySpecIndex: 1 },
    { name: "destination-db", type: "integer", token: "DB", flags: ["optional"] },
    optional(token("REPLACE")),
  ],
  handler: handleCopy,
};
