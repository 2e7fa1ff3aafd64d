import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { STREAM, Stream } from "../../types/stream.ts";
import { readIds, saveStream } from "./stream-access.ts";

function handleXdel(ctx: Context): void {
  const { keyspace, reply } = ctx;
  const entry = ctx.lookupWrite(1, STREAM);
  if (entry === null) {
    reply.integer(0);
    return;
  }
  const stream = new Stream(keyspace, entry);
  let deleted = 0;
  let firstGone = false;
  for (const id of readIds(ctx, 2)) {
    if (!stream.delete(id)) continue;
    if (id.compare(stream.firstId) === 0) firstGone = true;
    if (id.compare(stream.maxDeletedId) > 0) stream.maxDeletedId = id;
    deleted++;
  }
  if (deleted > 0) {
    if (firstGone || stream.length === 0) stream.findFirst();
    saveStream(ctx, 1, stream);
    ctx.notify(NOTIFY.stream, "xdel", 1);
    keyspace.dirty += deleted - 1;
  }
  reply.integer(deleted);
}

export const xdel: CommandSpec = {
  name: "XDEL",
  group: "stream",
  since: "5.0.0",
  summary: "Deletes entries of a stream.",
  complexity: "O(1) for each entry, whatever the length of the stream.",
  arity: -3,
  flags: ["write", "fast"],
  keys: [keyAt(1, "RW", "delete")],
  args: [KEY, { name: "id", type: "string", flags: ["multiple"] }],
  handler: handleXdel,
};
