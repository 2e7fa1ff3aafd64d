import { wrongArity } from "../../base/errors.ts";
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { type Entry, NO_EXPIRY } from "../../keyspace/entry.ts";
import { memberTypeOf } from "../../types/member-expiry.ts";

function handlePersist(ctx: Context): void {
  const { args, keyspace, reply } = ctx;
  if (args.count > 3) throw wrongArity(ctx.command.fullName);
  const entry = ctx.lookupWrite(1);
  if (args.count === 3) {
    reply.integer(entry !== null && persistMember(ctx, entry) ? 1 : 0);
    return;
  }
  if (entry === null || entry.expireAtMs === NO_EXPIRY) {
    reply.integer(0);
    return;
  }
  keyspace.setExpiry(ctx.client.db, args.buffer, args.start(1), args.end(1), entry, NO_EXPIRY);
  ctx.notify(NOTIFY.generic, "persist", 1);
  reply.integer(1);
}

/** Takes the deadline off the member in argument 2 (KeyDB); false when it has none. */
function persistMember(ctx: Context, entry: Entry): boolean {
  const { args, keyspace } = ctx;
  const type = memberTypeOf(entry);
  if (type === null) return false;
  const member = args.copy(2);
  const deadline = type.deadline(keyspace, entry, member);
  if (deadline === null || deadline === NO_EXPIRY) return false;
  // Looking at the deadline has taken the payload away: look the key up again.
  const fresh = ctx.lookupWrite(1);
  if (fresh === null) return false;
  const key = { db: ctx.client.db, buffer: args.buffer, start: args.start(1), end: args.end(1), entry: fresh };
  return type.setDeadline(keyspace, key, member, NO_EXPIRY);
}

export const persist: CommandSpec = {
  name: "PERSIST",
  group: "generic",
  since: "2.2.0",
  summary: "Takes the expiry off a key, or off a member.",
  complexity: "O(1)",
  arity: -2,
  flags: ["write", "fast"],
  keys: [keyAt(1, "RW", "update")],
  args: [KEY, { name: "member", type: "string", flags: ["optional"] }],
  handler: handlePersist,
};
