/** XSETID: sets the counters of a stream; for replication. */

import {
  ENTRIESADDED_NEGATIVE,
  NO_SUCH_KEY,
  SYNTAX_ERROR,
  XSETID_ADDED_BELOW_LENGTH,
  XSETID_BELOW_GIVEN_MAX_DELETED,
  XSETID_BELOW_MAX_DELETED,
  XSETID_BELOW_TOP,
} from "../../base/errors.ts";
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { STREAM, Stream } from "../../types/stream.ts";
import type { StreamId } from "../../types/stream-id.ts";
import { narrow, type WideCount } from "../../types/wide-count.ts";
import { readId, saveStream } from "./stream-access.ts";

function handleXsetid(ctx: Context): void {
  const { args } = ctx;
  const id = readId(ctx, 2);
  let entriesAdded: WideCount | null = null;
  let maxDeletedId: StreamId | null = null;
  for (let i = 3; i < args.count; i += 2) {
    if (i + 1 >= args.count) throw SYNTAX_ERROR;
    if (args.is(i, "entriesadded")) {
      entriesAdded = narrow(args.int64(i + 1));
      if (entriesAdded < 0) throw ENTRIESADDED_NEGATIVE;
    } else if (args.is(i, "maxdeletedid")) {
      maxDeletedId = readId(ctx, i + 1);
      if (id.compare(maxDeletedId) < 0) throw XSETID_BELOW_GIVEN_MAX_DELETED;
    } else throw SYNTAX_ERROR;
  }
  const entry = ctx.lookupWrite(1, STREAM);
  if (entry === null) throw NO_SUCH_KEY;
  const stream = new Stream(ctx.keyspace, entry);
  if (id.compare(stream.maxDeletedId) < 0) throw XSETID_BELOW_MAX_DELETED;
  const top = stream.length === 0 ? null : stream.lastEntryId();
  if (top !== null) {
    if (id.compare(top) < 0) throw XSETID_BELOW_TOP;
    if (entriesAdded !== null && stream.length > entriesAdded) throw XSETID_ADDED_BELOW_LENGTH;
  }
  stream.lastId = id;
  if (entriesAdded !== null) stream.entriesAdded = entriesAdded;
  if (maxDeletedId !== null && !maxDeletedId.isZero) stream.maxDeletedId = maxDeletedId;
  saveStream(ctx, 1, stream);
  ctx.notify(NOTIFY.stream, "xsetid", 1);
  ctx.reply.ok();
}

export const xsetid: CommandSpec = {
  name: "XSETID",
  group: "stream",
  since: "5.0.0",
  summary: "Sets the last ID and the counters of a stream, for replication.",
  complexity: "O(1)",
  arity: -3,
  flags: ["write", "denyoom", "fast"],
  keys: [keyAt(1, "RW", "update")],
  history: [["7.0.0", "Added the `entries_added` and `max_deleted_entry_id` arguments."]],
  args: [
    KEY,
    { name: "last-id", type: "string" },
    { name: "entries-added", type: "integer", token: "ENTRIESADDED", since: "7.0.0", flags: ["optional"] },
    { name: "max-deleted-id", type: "string", token: "MAXDELETEDID", since: "7.0.0", flags: ["optional"] },
  ],
  handler: handleXsetid,
};
