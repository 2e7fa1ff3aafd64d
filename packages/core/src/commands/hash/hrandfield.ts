import { COUNT_OUT_OF_RANGE, NOT_AN_INTEGER, OUT_OF_RANGE, SYNTAX_ERROR } from "../../base/errors.ts";
import { INT64_MAX, INT64_MIN } from "../../base/numbers.ts";
import { KEY, optional, token } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { checkRandomCount } from "../../command/random-count.ts";
import { HASH, hashLength, randomFields } from "../../types/hash.ts";
import { isDue } from "../../types/keyed-elements.ts";
import type { OwnedMember } from "../../types/random-members.ts";

function handleHrandfield(ctx: Context): void {
  const { args } = ctx;
  if (args.count === 2) {
    randomField(ctx);
    return;
  }
  const count = args.int64(2, NOT_AN_INTEGER);
  if (count === INT64_MIN) throw COUNT_OUT_OF_RANGE;
  const withValues = args.count === 4 && args.is(3, "withvalues");
  if (args.count > 4 || (args.count === 4 && !withValues)) throw SYNTAX_ERROR;
  if (withValues && (count < -INT64_MAX / 2n || count > INT64_MAX / 2n)) throw OUT_OF_RANGE;
  checkRandomCount(ctx, count);
  randomFieldsWithCount(ctx, Number(count), withValues);
}

function randomField(ctx: Context): void {
  const { reply } = ctx;
  const entry = ctx.lookupRead(1, HASH);
  let field: Buffer | null = null;
  if (entry !== null) {
    randomFields(ctx.keyspace, entry, 1, true, false, (picked) => {
      field = picked.member;
    });
    if (isDue(ctx.keyspace, entry.memberExpireAtMs)) dropDueFields(ctx);
  }
  if (field === null) reply.null();
  else reply.bulk(field);
}

function randomFieldsWithCount(ctx: Context, count: number, withValues: boolean): void {
  const { reply, keyspace } = ctx;
  const entry = ctx.lookupRead(1, HASH);
  if (entry === null || count === 0) {
    reply.arrayHeader(0);
    return;
  }
  const distinct = count > 0;
  const wanted = Math.abs(count);
  const flat = withValues && reply.resp === 2 ? 2 : 1;
  // With due fields the number to come is not known.
  const exact = !isDue(keyspace, entry.memberExpireAtMs);
  const mark = reply.deferred();
  if (exact) reply.arrayHeader((distinct ? Math.min(wanted, hashLength(keyspace, entry)) : wanted) * flat);
  const emitted = randomFields(keyspace, entry, wanted, distinct, withValues, (picked) => {
    replyPicked(ctx, picked, withValues);
  });
  if (exact) return;
  reply.endDeferred(mark, "array", emitted * flat);
  dropDueFields(ctx);
}

function replyPicked(ctx: Context, picked: OwnedMember, withValues: boolean): void {
  const { reply } = ctx;
  if (withValues && reply.resp > 2) reply.arrayHeader(2);
  reply.bulk(picked.member);
  if (withValues) reply.bulk(picked.value);
}

/** As in Redis 7.4 the command ends the life of all due fields. */
function dropDueFields(ctx: Context): void {
  const { args } = ctx;
  ctx.keyspace.dropDueMember(ctx.client.db, args.buffer, args.start(1), args.end(1), null);
}

export const hrandfield: CommandSpec = {
  name: "HRANDFIELD",
  group: "hash",
  since: "6.2.0",
  summary: "Picks one or more random fields of a hash.",
  complexity: "O(N), N being the number of fields returned.",
  arity: -2,
  flags: ["readonly"],
  keys: [keyAt(1, "RO", "access")],
  tips: ["nondeterministic_output"],
  args: [
    KEY,
    {
      name: "options",
      type: "block",
      flags: ["optional"],
      args: [{ name: "count", type: "integer" }, optional(token("WITHVALUES"))],
    },
  ],
  handler: handleHrandfield,
};
