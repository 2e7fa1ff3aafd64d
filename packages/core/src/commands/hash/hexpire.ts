/** HEXPIRE, HPEXPIRE, HEXPIREAT and HPEXPIREAT (Redis 7.4): the same checks in the same order. */

import { NUMFIELDS_NOT_POSITIVE } from "../../base/errors.ts";
import { KEY, oneOf, optional, token } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { NO_EXPIRY } from "../../keyspace/entry.ts";
import { HASH } from "../../types/hash.ts";
import type { HashEditor } from "../../types/hash-editor.ts";
import { readDeadline, readFieldList } from "./field-list.ts";
import { editHash } from "./hash-access.ts";
import { FIELDS } from "./hash-grammar.ts";

/** Replies per field, as in Redis. */
const NO_FIELD = -2;
const CONDITION_NOT_MET = 0;
const SET = 1;
const DELETED = 2;

type Condition = "none" | "nx" | "xx" | "gt" | "lt";
const CONDITIONS = ["nx", "xx", "gt", "lt"] as const;

function expireGeneric(ctx: Context, inSeconds: boolean, relative: boolean): void {
  const { args, reply } = ctx;
  const old = ctx.lookupWrite(1, HASH);
  const deadline = readDeadline(ctx, 2, inSeconds, relative);
  const condition: Condition = CONDITIONS.find((word) => args.is(3, word)) ?? "none";
  const first = readFieldList(ctx, condition === "none" ? 3 : 4, NUMFIELDS_NOT_POSITIVE);
  reply.arrayHeader(args.count - first);
  if (old === null) {
    for (let i = first; i < args.count; i++) reply.integer(NO_FIELD);
    return;
  }
  const hash = editHash(ctx, old);
  hash.allowDeadlines();
  const set: number[] = [];
  const deleted: number[] = [];
  for (let i = first; i < args.count; i++) {
    const result = expireField(ctx, hash, i, deadline, condition);
    if (result === SET) set.push(i);
    else if (result === DELETED) deleted.push(i);
    reply.integer(result);
  }
  hash.finish();
  if (ctx.effects !== null) tellFieldDeadline(ctx, set, deleted, deadline);
  if (deleted.length > 0) ctx.notifyRemoved(NOTIFY.hash, "hdel", 1, hash.size === 0);
  if (set.length > 0) ctx.notify(NOTIFY.hash, "hexpire", 1);
}

/** Tells the op log which fields, given by their arguments, got a deadline and which were deleted by it. */
export function tellFieldDeadline(
  ctx: Context,
  set: readonly number[],
  deleted: readonly number[],
  deadline: number,
): void {
  const { args, effects } = ctx;
  const key = args.bytes(1);
  const bytes = (i: number): Buffer => args.bytes(i);
  if (set.length > 0) {
    effects?.replace(["HPEXPIREAT", key, deadline, "FIELDS", set.length, ...set.map(bytes)]);
  } else if (deleted.length > 0) effects?.replace(["HDEL", key, ...deleted.map(bytes)]);
  else effects?.prevent();
}

function expireField(ctx: Context, hash: HashEditor, i: number, deadline: number, condition: Condition): number {
  const { args } = ctx;
  const b = args.buffer;
  const present = hash.deadline(b, args.start(i), args.end(i));
  if (present === null) return NO_FIELD;
  if (!isMet(condition, present, deadline)) return CONDITION_NOT_MET;
  if (setFieldDeadline(ctx, hash, i, deadline)) return SET;
  return DELETED;
}

/** A field without deadline counts as living for ever. */
function isMet(condition: Condition, present: number, deadline: number): boolean {
  if (present === NO_EXPIRY) return condition !== "xx" && condition !== "gt";
  if (condition === "nx") return false;
  if (condition === "gt") return deadline > present;
  return condition !== "lt" || deadline < present;
}

/** Sets the deadline of the existing field in argument `i`; false when it has passed, and the field is deleted. */
export function setFieldDeadline(ctx: Context, hash: HashEditor, i: number, deadline: number): boolean {
  const { args } = ctx;
  const b = args.buffer;
  if (deadline > ctx.nowMs) {
    hash.setDeadline(b, args.start(i), args.end(i), deadline);
    return true;
  }
  hash.delete(b, args.start(i), args.end(i));
  ctx.keyspace.countExpiredMember();
  return false;
}

function handleHexpire(ctx: Context): void {
  expireGeneric(ctx, true, true);
}

function handleHpexpire(ctx: Context): void {
  expireGeneric(ctx, false, true);
}

function handleHexpireat(ctx: Context): void {
  expireGeneric(ctx, true, false);
}

function handleHpexpireat(ctx: Context): void {
  expireGeneric(ctx, false, false);
}

const SHARED = {
  group: "hash",
  since: "7.4.0",
  complexity: "O(N), N being the number of fields.",
  arity: -6,
  flags: ["write", "denyoom", "fast"],
  keys: [keyAt(1, "RW", "update")],
} as const satisfies Partial<CommandSpec>;

const CONDITION = optional(oneOf("condition", [token("NX"), token("XX"), token("GT"), token("LT")]));

export const hexpire: CommandSpec = {
  name: "HEXPIRE",
  ...SHARED,
  summary: "Sets in how many seconds fields of a hash vanish.",
  args: [KEY, { name: "seconds", type: "integer" }, CONDITION, FIELDS],
  handler: handleHexpire,
};

export const hpexpire: CommandSpec = {
  name: "HPEXPIRE",
  ...SHARED,
  summary: "Sets in how many milliseconds fields of a hash vanish.",
  args: [KEY, { name: "milliseconds", type: "integer" }, CONDITION, FIELDS],
  handler: handleHpexpire,
};

export const hexpireat: CommandSpec = {
  name: "HEXPIREAT",
  ...SHARED,
  summary: "Sets the Unix time in seconds at which fields of a hash vanish.",
  args: [KEY, { name: "unix-time-seconds", type: "unix-time" }, CONDITION, FIELDS],
  handler: handleHexpireat,
};

export const hpexpireat: CommandSpec = {
  name: "HPEXPIREAT",
  ...SHARED,
  summary: "Sets the Unix time in milliseconds at which fields of a hash vanish.",
  args: [KEY, { name: "unix-time-milliseconds", type: "unix-time" }, CONDITION, FIELDS],
  handler: handleHpexpireat,
};
