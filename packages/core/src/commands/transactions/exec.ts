/**
 * EXEC: the queued commands run in one store transaction, so that no other process sees a part of them. The watched keys
 * are compared inside that transaction: nothing can change between the check and the commands.
 */
import { type CommandError, EXEC_WITHOUT_MULTI, EXECABORT, errorReply } from "../../base/errors.ts";
import type { Client } from "../../command/client.ts";
import type { Access, CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { RUN_IN_WRITE } from "../../command/run-in-write.ts";
import { forgetWatches, rememberWatches, watchesHold } from "../../keyspace/watch.ts";

function accessOfExec(client: Client): Access {
  if (client.multi === null || client.multi.aborted) return "none";
  if (client.multi.access === "none" && client.watched !== null) return "read";
  return client.multi.access;
}

function prepareExec(ctx: Context): Promise<unknown> | null {
  const { client, server, keyspace } = ctx;
  const { multi } = client;
  if (multi === null || multi.aborted) return null;
  // What is prepared may take effect at once (CONFIG SET): not for a transaction that will be refused.
  if (client.watched !== null && !watchesHold(keyspace, client)) return null;
  return server.prepareQueued(multi.queue);
}

function handleExec(ctx: Context): void {
  const { client, reply } = ctx;
  const multi = client.multi;
  if (multi === null) throw EXEC_WITHOUT_MULTI;
  const { watched } = client;
  const untouched = multi.aborted || watchesHold(ctx.keyspace, client);
  forgetWatches(client, ctx.server.counters);
  if (multi.aborted || !untouched) {
    client.multi = null;
    if (multi.aborted) throw EXECABORT;
    reply.nullArray();
    return;
  }
  const command = ctx.command;
  const prepared = ctx.prepared as readonly unknown[] | null;
  const request = ctx.server.monitors.active ? ctx.args.save() : null;
  let runsAgain = false;
  ctx.denyBlocking = true;
  try {
    reply.arrayHeader(multi.queue.length);
    for (let i = 0; i < multi.queue.length; i++) {
      const queued = multi.queue[i];
      if (queued !== undefined) ctx.server.runQueued(queued, prepared === null ? null : prepared[i]);
    }
  } catch (error) {
    // Only reads have run: the transaction starts again, with the lock.
    runsAgain = error === RUN_IN_WRITE;
    if (runsAgain) rememberWatches(client, watched, ctx.server.counters);
    throw error;
  } finally {
    // Only now: CLIENT LIST among the commands shows the transaction.
    if (!runsAgain) client.multi = null;
    ctx.denyBlocking = false;
    ctx.command = command;
    // Monitors are shown EXEC after its commands.
    if (request !== null) ctx.args.load(request);
  }
}

/** A refused EXEC ends the transaction and says why. */
function refuseExec(ctx: Context, error: CommandError): CommandError {
  ctx.client.multi = null;
  forgetWatches(ctx.client, ctx.server.counters);
  return errorReply(`EXECABORT Transaction discarded because of: ${error.text.replace(/^ERR /, "")}`);
}

export const exec: CommandSpec = {
  name: "EXEC",
  group: "transactions",
  since: "1.2.0",
  summary: "Runs the commands queued since MULTI as one atomic step.",
  complexity: "Depends on commands in the transaction",
  arity: 1,
  flags: ["noscript", "loading", "stale", "skip_slowlog"],
  runsInMulti: true,
  runsQueue: true,
  accessBy: accessOfExec,
  prepare: prepareExec,
  handler: handleExec,
  onRefused: refuseExec,
};
