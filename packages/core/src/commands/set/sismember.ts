/** SISMEMBER and SMISMEMBER. */
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { MEMBER, SET, setMember } from "../../types/set.ts";
import { dropDueMember } from "./set-access.ts";

function handleSismember(ctx: Context): void {
  const { args, reply } = ctx;
  const entry = ctx.lookupRead(1, SET);
  const found = entry === null ? MEMBER.none : setMember(ctx.keyspace, entry, args.buffer, args.start(2), args.end(2));
  reply.integer(found === MEMBER.live ? 1 : 0);
  if (found === MEMBER.due) dropDueMember(ctx, 2);
}

function handleSmismember(ctx: Context): void {
  const { args, reply } = ctx;
  const entry = ctx.lookupRead(1, SET);
  reply.arrayHeader(args.count - 2);
  const due: number[] = [];
  for (let i = 2; i < args.count; i++) {
    const found =
      entry === null ? MEMBER.none : setMember(ctx.keyspace, entry, args.buffer, args.start(i), args.end(i));
    reply.integer(found === MEMBER.live ? 1 : 0);
    if (found === MEMBER.due) due.push(i);
  }
  for (const i of due) dropDueMember(ctx, i);
}

export const sismember: CommandSpec = {
  name: "SISMEMBER",
  group: "set",
  since: "1.0.0",
  summary: "Tells whether a set has a member.",
  complexity: "O(1)",
  arity: 3,
  flags: ["readonly", "fast"],
  keys: [keyAt(1, "RO")],
  args: [KEY, { name: "member", type: "string" }],
  handler: handleSismember,
};

export const smismember: CommandSpec = {
  name: "SMISMEMBER",
  group: "set",
  since: "6.2.0",
  summary: "Tells for each of several members whether a set has it.",
  complexity: "O(N), N being the number of members asked for.",
  arity: -3,
  flags: ["readonly", "fast"],
  keys: [keyAt(1, "RO", "access")],
  args: [KEY, { name: "member", type: "string", flags: ["multiple"] }],
  handler: handleSmismember,
};
