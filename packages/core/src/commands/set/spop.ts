/** SPOP: every member is equally likely, whatever the encoding. */

import { MUST_BE_POSITIVE, SYNTAX_ERROR } from "../../base/errors.ts";
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import type { Effects } from "../../command/effects.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import type { Entry } from "../../keyspace/entry.ts";
import { isDue } from "../../types/keyed-elements.ts";
import { popWindowsOf } from "../../types/pop-windows.ts";
import { randomMembers, SET, setSize } from "../../types/set.ts";
import { uniteSets } from "../../types/set-operations.ts";
import { SetSource } from "../../types/set-source.ts";
import { editSet, setLimits } from "./set-access.ts";
import { replyResult } from "./sunion.ts";

function handleSpop(ctx: Context): void {
  const { args, reply } = ctx;
  if (args.count > 3) throw SYNTAX_ERROR;
  if (args.count === 3) {
    popSeveral(ctx);
    return;
  }
  const entry = lookupLive(ctx);
  const member = entry === null ? null : popOne(ctx, entry);
  if (member === null) reply.null();
  else {
    ctx.effects?.replace(["SREM", args.bytes(1), member]);
    reply.bulk(member);
  }
}

/** The set, rid of its due members. */
function lookupLive(ctx: Context): Entry | null {
  const { args, keyspace } = ctx;
  const entry = ctx.lookupWrite(1, SET);
  if (entry === null || !isDue(keyspace, entry.memberExpireAtMs)) return entry;
  keyspace.dropDueMember(ctx.client.db, args.buffer, args.start(1), args.end(1), null);
  keyspace.forgetRow();
  return ctx.lookupWrite(1, SET);
}

function popOne(ctx: Context, entry: Entry): Buffer | null {
  const { keyspace } = ctx;
  const windows = popWindowsOf(keyspace);
  const member = windows.take(keyspace, entry);
  if (member !== null) {
    removeAll(ctx, entry, [member]);
    windows.popped(keyspace, entry);
    return member;
  }
  const popped = pick(ctx, entry, 1);
  removeAll(ctx, entry, popped);
  return popped[0] ?? null;
}

function pick(ctx: Context, entry: Entry, count: number): Buffer[] {
  const members: Buffer[] = [];
  randomMembers(ctx.keyspace, entry, count, true, (member) => members.push(member));
  return members;
}

/** Picking from a small set makes no store call, so its payload is still there. */
function removeAll(ctx: Context, entry: Entry, members: readonly Buffer[]): void {
  const set = editSet(ctx, 1, entry);
  for (const member of members) set.remove(member, 0, member.length);
  set.finish();
  ctx.notifyRemoved(NOTIFY.set, "spop", 1, set.size === 0);
  if (members.length > 1) ctx.keyspace.dirty += members.length - 1;
}

/** As Redis, in commands of so many members. */
const TOLD_AT_ONCE = 1024;

function tellPopped(ctx: Context, effects: Effects, members: readonly Buffer[]): void {
  for (let i = 0; i < members.length; i += TOLD_AT_ONCE) {
    effects.add(ctx.client.db, ["SREM", ctx.args.bytes(1), ...members.slice(i, i + TOLD_AT_ONCE)]);
  }
  effects.prevent();
}

function popSeveral(ctx: Context): void {
  const { args, reply, keyspace } = ctx;
  const count = Number(args.int64(2, MUST_BE_POSITIVE));
  if (count < 0) throw MUST_BE_POSITIVE;
  const entry = lookupLive(ctx);
  if (entry === null || count === 0) {
    reply.setHeader(0);
    return;
  }
  const size = setSize(keyspace, entry);
  if (count >= size) {
    const source = new SetSource(keyspace, entry);
    try {
      replyResult(ctx, uniteSets(keyspace, setLimits(ctx), [source]));
    } finally {
      source.release();
    }
    keyspace.delete(ctx.client.db, args.buffer, args.start(1), args.end(1));
    const isLazy = ctx.server.config.boolean("lazyfree-lazy-server-del");
    ctx.effects?.replace([isLazy ? "UNLINK" : "DEL", args.bytes(1)]);
    ctx.notifyRemoved(NOTIFY.set, "spop", 1, true);
    keyspace.dirty += size - 1;
    return;
  }
  const popped = pick(ctx, entry, count);
  if (ctx.effects !== null) tellPopped(ctx, ctx.effects, popped);
  reply.setHeader(popped.length);
  for (const member of popped) reply.bulk(member);
  removeAll(ctx, entry, popped);
}

export const spop: CommandSpec = {
  name: "SPOP",
  group: "set",
  since: "1.0.0",
  summary: "Removes one or more random members of a set and returns them.",
  complexity: "O(1) without count; else O(N), N being the count.",
  arity: -2,
  flags: ["write", "fast"],
  keys: [keyAt(1, "RW", "access", "delete")],
  tips: ["nondeterministic_output"],
  history: [["3.2.0", "Added the `count` argument."]],
  args: [KEY, { name: "count", type: "integer", since: "3.2.0", flags: ["optional"] }],
  handler: handleSpop,
};
