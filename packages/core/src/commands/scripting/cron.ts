/**
 * KEYDB.CRON: a script that the server runs by itself, once or again and again. Unlike in KeyDB mode and database outlive
 * a restart, one process runs a slot, and errors are kept (KEYDB.CRONLIST) and logged. server/cron-runner.ts runs the
 * jobs.
 */
import {
  CRON_INTERVAL_NOT_POSITIVE,
  CRON_TIME_MISSING,
  CRON_TOO_MANY_KEYS,
  NEGATIVE_KEY_COUNT,
  SYNTAX_ERROR,
  wrongArity,
} from "../../base/errors.ts";
import { parseInt64 } from "../../base/numbers.ts";
import { oneOf, optional, token } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import type { Word } from "../../command/effects.ts";
import type { Args } from "../../resp/args.ts";
import { type CronDefinition, createCron } from "../../types/cron-job.ts";

function readMode(args: Args): boolean {
  if (args.is(2, "repeat")) return true;
  if (args.is(2, "single")) return false;
  throw SYNTAX_ERROR;
}

/** As in KeyDB two integers are start and interval, one is the interval, which then counts from now. */
function readDefinition(ctx: Context): CronDefinition {
  const { args } = ctx;
  const repeats = readMode(args);
  const first = args.int64(3, CRON_TIME_MISSING);
  const second = parseInt64(args.buffer, args.start(4), args.end(4));
  const start = second === null ? BigInt(ctx.nowMs) : first;
  const interval = second ?? first;
  const at = second === null ? 4 : 5;
  if (interval <= 0n) throw CRON_INTERVAL_NOT_POSITIVE;
  if (at >= args.count) throw wrongArity(ctx.command.fullName);
  const keyCount = at + 1 < args.count ? args.int64(at + 1) : 0n;
  if (keyCount < 0n) throw NEGATIVE_KEY_COUNT;
  const firstKey = at + 2;
  if (keyCount > BigInt(Math.max(0, args.count - firstKey))) throw CRON_TOO_MANY_KEYS;
  const keys: Buffer[] = [];
  const rest: Buffer[] = [];
  for (let i = firstKey; i < args.count; i++) (keys.length < keyCount ? keys : rest).push(args.copy(i));
  return { repeats, start, interval, script: args.copy(at), keys, args: rest };
}

function handleCron(ctx: Context): void {
  const { args, keyspace, reply } = ctx;
  const definition = readDefinition(ctx);
  const old = ctx.lookupWrite(1);
  if (old !== null) keyspace.remove(ctx.db, args.buffer, args.start(1), args.end(1), old);
  createCron(keyspace, ctx.db, args.copy(1), definition);
  ctx.effects?.replace(cronCommand(args.copy(1), definition));
  reply.ok();
}

/** The command that makes a job, with the time from which it counts. */
function cronCommand(name: Buffer, definition: CronDefinition): Word[] {
  const { repeats, start, interval, script, keys, args } = definition;
  const mode = repeats ? "REPEAT" : "SINGLE";
  return ["KEYDB.CRON", name, mode, start, interval, script, keys.length, ...keys, ...args];
}

export const keydbCron: CommandSpec = {
  name: "KEYDB.CRON",
  group: "scripting",
  since: "6.0.13",
  summary: "Has a script run at a time to come, once or repeatedly (KeyDB).",
  complexity: "O(N) where N is the length of the script and its arguments",
  arity: -5,
  flags: ["write", "denyoom"],
  noGroupCategory: true,
  keys: [keyAt(1, "OW", "update")],
  args: [
    { name: "name", type: "key", keySpecIndex: 0 },
    oneOf("mode", [token("SINGLE"), token("REPEAT")]),
    optional({ name: "start-unix-time-milliseconds", type: "unix-time" }),
    { name: "interval-milliseconds", type: "integer" },
    { name: "script", type: "string" },
    optional({
      name: "parameters",
      type: "block",
      args: [
        { name: "numkeys", type: "integer" },
        { name: "key", type: "string", flags: ["optional", "multiple"] },
        { name: "arg", type: "string", flags: ["optional", "multiple"] },
      ],
    }),
  ],
  handler: handleCron,
};
