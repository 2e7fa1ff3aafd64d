/** HSETEX (Redis 8.0): options in any order, FIELDS last. */

import {
  HSETEX_ONE_CONDITION,
  HSETEX_ONE_EXPIRATION,
  INVALID_FIELD_COUNT,
  MISSING_EXPIRE_TIME,
  unknownArgument,
  wrongArity,
} from "../../base/errors.ts";
import { KEY, oneOf, optional, token } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { NO_EXPIRY } from "../../keyspace/entry.ts";
import type { HashEditor } from "../../types/hash-editor.ts";
import { readDeadline } from "./field-list.ts";
import { editHash } from "./hash-access.ts";
import { setFieldDeadline } from "./hexpire.ts";

interface Options {
  condition: "none" | "fnx" | "fxx";
  keepTtl: boolean;
  deadline: number;
  /** Argument of the deadline; 0: there is none. */
  deadlineAt: number;
  /** Index of the first field. */
  first: number;
}

const INT_MAX = 2147483647;
const TIME_WORDS = ["ex", "px", "exat", "pxat"] as const;

function readOptions(ctx: Context): Options {
  const { args } = ctx;
  const options: Options = { condition: "none", keepTtl: false, deadline: NO_EXPIRY, deadlineAt: 0, first: 0 };
  for (let i = 2; i < args.count; i++) {
    if (args.is(i, "fields")) {
      options.first = readPairs(ctx, i);
      return options;
    }
    const timeWord = TIME_WORDS.find((word) => args.is(i, word));
    if (timeWord !== undefined || args.is(i, "keepttl")) {
      if (options.keepTtl || options.deadline !== NO_EXPIRY) throw HSETEX_ONE_EXPIRATION;
      if (timeWord === undefined) options.keepTtl = true;
      else {
        if (i >= args.count - 1) throw MISSING_EXPIRE_TIME;
        options.deadlineAt = ++i;
        options.deadline = readDeadline(ctx, i, timeWord.startsWith("ex"), timeWord.length === 2);
      }
    } else if (args.is(i, "fxx") || args.is(i, "fnx")) {
      if (options.condition !== "none") throw HSETEX_ONE_CONDITION;
      options.condition = args.is(i, "fxx") ? "fxx" : "fnx";
    } else throw unknownArgument(args.latin1(i));
  }
  throw wrongArity(ctx.command.fullName);
}

/** Checks the pairs behind FIELDS in argument `at`; returns where they start. */
function readPairs(ctx: Context, at: number): number {
  const { args } = ctx;
  if (at >= args.count - 3) throw wrongArity(ctx.command.fullName);
  const pairs = args.int(at + 1, INVALID_FIELD_COUNT, 1, INT_MAX);
  if (args.count - at - 2 !== pairs * 2) throw wrongArity(ctx.command.fullName);
  return at + 2;
}

function handleHsetex(ctx: Context): void {
  const { args, reply } = ctx;
  const b = args.buffer;
  const { condition, keepTtl, deadline, deadlineAt, first } = readOptions(ctx);
  const hash = editHash(ctx);
  if (condition !== "none" && !conditionHolds(ctx, hash, condition === "fxx", first)) {
    hash.finish();
    reply.integer(0);
    return;
  }
  let longest = 0;
  for (let i = first; i < args.count; i++) longest = Math.max(longest, args.length(i));
  hash.prepare((args.count - first) / 2, longest);
  if (deadline !== NO_EXPIRY) hash.allowDeadlines();
  for (let i = first; i < args.count; i += 2) {
    // With a new deadline the old one is kept until then, which spares moving the field twice.
    const keep = keepTtl || deadline !== NO_EXPIRY;
    hash.set(b, args.start(i), args.end(i), b, args.start(i + 1), args.end(i + 1), keep);
    if (deadline !== NO_EXPIRY) setFieldDeadline(ctx, hash, i, deadline);
  }
  hash.finish();
  if (deadlineAt > 0) tellDeadline(ctx, deadline, deadlineAt, first);
  ctx.notify(NOTIFY.hash, "hset", 1);
  if (deadline > ctx.nowMs) ctx.notify(NOTIFY.hash, "hexpire", 1);
  else if (deadline !== NO_EXPIRY) ctx.notifyRemoved(NOTIFY.hash, "hdel", 1, hash.size === 0);
  reply.integer(1);
}

/** Told with a time of the clock; with one that has passed all there is to tell is that the fields are gone. */
function tellDeadline(ctx: Context, deadline: number, at: number, first: number): void {
  const { args, effects } = ctx;
  if (deadline > ctx.nowMs) {
    effects?.replaceWords(args, { [at - 1]: "PXAT", [at]: deadline });
    return;
  }
  const words = ["HDEL", args.bytes(1)];
  for (let i = first; i < args.count; i += 2) words.push(args.bytes(i));
  effects?.replace(words);
}

function conditionHolds(ctx: Context, hash: HashEditor, wanted: boolean, first: number): boolean {
  const { args } = ctx;
  for (let i = first; i < args.count; i += 2) {
    if (hash.has(args.buffer, args.start(i), args.end(i)) !== wanted) return false;
  }
  return true;
}

export const hsetex: CommandSpec = {
  name: "HSETEX",
  group: "hash",
  since: "8.0.0",
  summary: "Sets fields of a hash together with their expiry, if wanted only when all or none of them exist.",
  complexity: "O(N), N being the number of fields.",
  arity: -6,
  flags: ["write", "denyoom", "fast"],
  keys: [keyAt(1, "RW", "update")],
  args: [
    KEY,
    optional(oneOf("condition", [token("FNX"), token("FXX")])),
    optional(
      oneOf("expiration", [
        { name: "seconds", type: "integer", token: "EX" },
        { name: "milliseconds", type: "integer", token: "PX" },
        { name: "unix-time-seconds", type: "unix-time", token: "EXAT" },
        { name: "unix-time-milliseconds", type: "unix-time", token: "PXAT" },
        token("KEEPTTL"),
      ]),
    ),
    {
      name: "fields",
      type: "block",
      token: "FIELDS",
      args: [
        { name: "numfields", type: "integer" },
        {
          name: "data",
          type: "block",
          flags: ["multiple"],
          args: [
            { name: "field", type: "string" },
            { name: "value", type: "string" },
          ],
        },
      ],
    },
  ],
  handler: handleHsetex,
};
