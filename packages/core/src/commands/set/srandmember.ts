import { COUNT_OUT_OF_RANGE, NOT_AN_INTEGER, SYNTAX_ERROR } from "../../base/errors.ts";
import { INT64_MIN } from "../../base/numbers.ts";
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { checkRandomCount } from "../../command/random-count.ts";
import { isDue } from "../../types/keyed-elements.ts";
import { randomMembers, SET, setSize } from "../../types/set.ts";

function handleSrandmember(ctx: Context): void {
  const { args, reply } = ctx;
  if (args.count > 3) throw SYNTAX_ERROR;
  if (args.count === 3) {
    severalMembers(ctx);
    return;
  }
  const entry = ctx.lookupRead(1, SET);
  let member: Buffer | null = null;
  if (entry !== null) {
    randomMembers(ctx.keyspace, entry, 1, true, (picked) => {
      member = picked;
    });
  }
  if (member === null) reply.null();
  else reply.bulk(member);
}

function severalMembers(ctx: Context): void {
  const { args, reply, keyspace } = ctx;
  const given = args.int64(2, NOT_AN_INTEGER);
  if (given === INT64_MIN) throw COUNT_OUT_OF_RANGE;
  checkRandomCount(ctx, given);
  const count = Number(given);
  const entry = ctx.lookupRead(1, SET);
  if (entry === null || count === 0) {
    reply.arrayHeader(0);
    return;
  }
  const distinct = count > 0;
  const wanted = Math.abs(count);
  // With due members the number to come is not known.
  const exact = !isDue(keyspace, entry.memberExpireAtMs);
  const mark = reply.deferred();
  if (exact) reply.arrayHeader(distinct ? Math.min(wanted, setSize(keyspace, entry)) : wanted);
  const emitted = randomMembers(keyspace, entry, wanted, distinct, (member) => reply.bulk(member));
  if (!exact) reply.endDeferred(mark, "array", emitted);
}

export const srandmember: CommandSpec = {
  name: "SRANDMEMBER",
  group: "set",
  since: "1.0.0",
  summary: "Picks one or more random members of a set.",
  complexity: "O(1) without count; else O(N), N being the absolute count.",
  arity: -2,
  flags: ["readonly"],
  keys: [keyAt(1, "RO", "access")],
  tips: ["nondeterministic_output"],
  history: [["2.6.0", "Added the optional `count` argument."]],
  args: [KEY, { name: "count", type: "integer", since: "2.6.0", flags: ["optional"] }],
  handler: handleSrandmember,
};
