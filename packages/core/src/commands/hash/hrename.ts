/** KeyDB's KEYDB.HRENAME; unlike there the field's deadline moves along, and the change is a change to WATCH. */

import { NO_HASH_KEY } from "../../base/errors.ts";
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { NO_EXPIRY } from "../../keyspace/entry.ts";
import { HASH } from "../../types/hash.ts";
import { editHash } from "./hash-access.ts";

function handleHrename(ctx: Context): void {
  const { args, reply } = ctx;
  const b = args.buffer;
  const old = ctx.lookupWrite(1, HASH);
  if (old === null) {
    reply.null();
    return;
  }
  const hash = editHash(ctx, old);
  const value = hash.get(b, args.start(2), args.end(2));
  if (value === null) {
    hash.finish();
    throw NO_HASH_KEY;
  }
  if (!args.bytes(2).equals(args.bytes(3))) {
    const deadline = hash.deadline(b, args.start(2), args.end(2)) ?? NO_EXPIRY;
    hash.delete(b, args.start(2), args.end(2));
    hash.set(b, args.start(3), args.end(3), value, 0, value.length);
    if (deadline !== NO_EXPIRY) hash.setDeadline(b, args.start(3), args.end(3), deadline);
  }
  hash.finish();
  ctx.notify(NOTIFY.hash, "hrename", 1);
  reply.integer(1);
}

export const keydbHrename: CommandSpec = {
  name: "KEYDB.HRENAME",
  group: "hash",
  since: "6.3.0",
  summary: "Gives a field of a hash another name, replacing the field that had it (KeyDB).",
  complexity: "O(1)",
  arity: 4,
  flags: ["write", "fast"],
  keys: [keyAt(1, "RW", "update")],
  args: [KEY, { name: "field", type: "string" }, { name: "newfield", type: "string" }],
  handler: handleHrename,
};
