import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { isDue } from "../../types/keyed-elements.ts";
import { SET, setSize, walkSet } from "../../types/set.ts";

function handleSmembers(ctx: Context): void {
  const { reply, keyspace } = ctx;
  const entry = ctx.lookupRead(1, SET);
  if (entry === null) {
    reply.setHeader(0);
    return;
  }
  // With due members the number to come is not known.
  const exact = !isDue(keyspace, entry.memberExpireAtMs);
  const mark = reply.deferred();
  if (exact) reply.setHeader(setSize(keyspace, entry));
  let count = 0;
  walkSet(keyspace, entry, (b, start, end) => {
    reply.bulkFromStore(b, start, end);
    count++;
  });
  if (!exact) reply.endDeferred(mark, "set", count);
}

export const smembers: CommandSpec = {
  name: "SMEMBERS",
  group: "set",
  since: "1.0.0",
  summary: "Lists the members of a set.",
  complexity: "O(N), N being the number of members.",
  arity: 2,
  flags: ["readonly"],
  keys: [keyAt(1, "RO", "access")],
  tips: ["nondeterministic_output_order"],
  args: [KEY],
  handler: handleSmembers,
};
