/** KEYDB.CRONLIST: the jobs of KEYDB.CRON and what became of their runs. Ours: KeyDB has nothing to see them with. */
import { SYNTAX_ERROR } from "../../base/errors.ts";
import { globMatch } from "../../base/glob.ts";
import { sha1Hex } from "../../base/sha1.ts";
import { optional, token } from "../../command/arg-grammar.ts";
import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { type JobKey, listJobs } from "../../keyspace/cron-rows.ts";
import { type CronJob, findCron, readCron } from "../../types/cron-job.ts";
import { readDbIndex } from "../generic/move.ts";

interface ListOptions {
  /** Argument with the pattern; 0 when there is none. */
  readonly pattern: number;
  /** -1: all databases. */
  readonly db: number;
  readonly withCode: boolean;
}

function readOptions(ctx: Context): ListOptions {
  const { args } = ctx;
  let pattern = 0;
  let db = -1;
  let withCode = false;
  for (let i = 1; i < args.count; i++) {
    const hasValue = i + 1 < args.count;
    if (args.is(i, "withcode")) withCode = true;
    else if (hasValue && args.is(i, "match")) pattern = ++i;
    else if (hasValue && args.is(i, "db")) db = readDbIndex(ctx, ++i);
    else throw SYNTAX_ERROR;
  }
  return { pattern, db, withCode };
}

function replyNumber(ctx: Context, name: string, value: number | bigint): void {
  ctx.reply.bulkText(name);
  ctx.reply.integer(value);
}

function replyTexts(ctx: Context, name: string, texts: readonly Buffer[]): void {
  ctx.reply.bulkText(name);
  ctx.reply.arrayHeader(texts.length);
  for (const text of texts) ctx.reply.bulk(text);
}

function replyJob(ctx: Context, { db, name, nextMs }: JobKey, job: CronJob, withCode: boolean): void {
  const { reply } = ctx;
  reply.mapHeader(withCode ? 16 : 15);
  reply.bulkText("name");
  reply.bulk(name);
  replyNumber(ctx, "db", db);
  reply.bulkText("mode");
  reply.bulkText(job.repeats ? "repeat" : "single");
  replyNumber(ctx, "start", job.start);
  replyNumber(ctx, "interval", job.interval);
  replyNumber(ctx, "next-run", nextMs);
  reply.bulkText("last-run");
  if (job.lastRunMs === 0) reply.null();
  else reply.integer(job.lastRunMs);
  replyNumber(ctx, "last-duration-usec", job.lastUsec);
  replyNumber(ctx, "runs", job.runs);
  replyNumber(ctx, "errors", job.failures);
  replyNumber(ctx, "missed", job.missed);
  reply.bulkText("last-error");
  if (job.lastError === "") reply.null();
  else reply.bulk(Buffer.from(job.lastError));
  reply.bulkText("sha1");
  reply.bulkText(sha1Hex(job.script));
  replyTexts(ctx, "keys", job.keys);
  replyTexts(ctx, "args", job.args);
  if (withCode) {
    reply.bulkText("script");
    reply.bulk(job.script);
  }
}

function handleCronlist(ctx: Context): void {
  const { args, keyspace, reply } = ctx;
  const { pattern, db, withCode } = readOptions(ctx);
  const mark = reply.deferred();
  let count = 0;
  for (const key of listJobs(keyspace)) {
    if (db >= 0 && key.db !== db) continue;
    if (pattern !== 0 && !globMatch(args.bytes(pattern), key.name, 0, key.name.length, false)) continue;
    const entry = findCron(keyspace, key);
    if (entry === null) continue;
    replyJob(ctx, key, readCron(keyspace, entry), withCode);
    count++;
  }
  reply.endDeferred(mark, "array", count);
}

export const keydbCronlist: CommandSpec = {
  name: "KEYDB.CRONLIST",
  group: "scripting",
  since: "7.2.4",
  summary: "Lists the jobs of KEYDB.CRON by their next runs, and what became of the last ones (keydb-ts).",
  complexity: "O(N) where N is the number of jobs",
  arity: -1,
  flags: ["readonly", "touches_arbitrary_keys"],
  aclExtra: ["dangerous"],
  noGroupCategory: true,
  tips: ["nondeterministic_output"],
  args: [
    { name: "pattern", type: "pattern", token: "MATCH", flags: ["optional"] },
    { name: "db", type: "integer", token: "DB", flags: ["optional"] },
    optional(token("WITHCODE")),
  ],
  handler: handleCronlist,
};
