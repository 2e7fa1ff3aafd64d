/** XADD: adds an entry, and trims the stream if asked to. */

import {
  STREAM_ENTRY_TOO_LARGE,
  STREAM_EXHAUSTED,
  wrongArity,
  XADD_ID_TOO_SMALL,
  XADD_ZERO_ID,
} from "../../base/errors.ts";
import { KEY, oneOf } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { ENTRY_BYTES_MAX, STREAM, Stream } from "../../types/stream.ts";
import { StreamId } from "../../types/stream-id.ts";
import { entryBytes } from "../../types/stream-node.ts";
import { nodeLimits, replyId, saveStream } from "./stream-access.ts";
import { readAddOrTrimArgs, TRIM_ARGS, tellTrimmed, trimStream } from "./trim-args.ts";

const WRONG_ARITY = wrongArity("xadd");

/** The ID that the entry gets; throws when the stream is beyond it. */
function newId(ctx: Context, lastId: StreamId, given: StreamId | null, hasSequence: boolean): StreamId {
  let id: StreamId;
  if (given === null) {
    id = StreamId.fromMs(ctx.nowMs);
    // Redis' streamNextID: when the clock is not beyond the last ID's time, the sequence goes on.
    if (id.hasSameMs(lastId) || id.compare(lastId) < 0) id = lastId.next();
  } else if (!hasSequence && given.hasSameMs(lastId)) {
    if (lastId.hasLastSequence) throw XADD_ID_TOO_SMALL;
    id = lastId.next();
  } else id = given;
  if (id.compare(lastId) <= 0) throw XADD_ID_TOO_SMALL;
  return id;
}

function handleXadd(ctx: Context): void {
  const { args, reply } = ctx;
  const { trimming, noMkstream, idAt, id: given, hasSequence } = readAddOrTrimArgs(ctx, true);
  const first = idAt + 1;
  const items = args.count - first;
  if (items < 2 || items % 2 === 1) throw WRONG_ARITY;
  if (given?.isZero && hasSequence) throw XADD_ZERO_ID;
  const entry = ctx.lookupWrite(1, STREAM);
  if (entry === null && noMkstream) {
    reply.null();
    return;
  }
  const stream = new Stream(ctx.keyspace, entry);
  const { lastId } = stream;
  if (lastId.isMax) throw STREAM_EXHAUSTED;
  const id = newId(ctx, lastId, given, hasSequence);
  if (entryBytes(args, first, items / 2) > ENTRY_BYTES_MAX) throw STREAM_ENTRY_TOO_LARGE;
  stream.append(id, args, first, items / 2, nodeLimits(ctx));
  const trimmed = trimming === null ? 0 : trimStream(stream, trimming);
  saveStream(ctx, 1, stream);
  ctx.notify(NOTIFY.stream, "xadd", 1);
  if (trimmed > 0) ctx.notify(NOTIFY.stream, "xtrim", 1);
  if (ctx.effects !== null) tellTrimmed(ctx, stream, trimming, given !== null && hasSequence ? 0 : idAt, id.text());
  replyId(ctx, id);
}

export const xadd: CommandSpec = {
  name: "XADD",
  group: "stream",
  since: "5.0.0",
  summary: "Adds an entry to a stream, made if it is missing.",
  complexity: "O(1) when adding a new entry, O(N) when trimming where N being the number of entries evicted.",
  arity: -5,
  flags: ["write", "denyoom", "fast"],
  keys: [keyAt(1, "RW", "update")],
  tips: ["nondeterministic_output"],
  history: [
    ["6.2.0", "Added the `NOMKSTREAM` option, the `MINID` strategy and the `LIMIT` option."],
    ["7.0.0", "Accepts IDs of the form `<ms>-*`."],
  ],
  args: [
    KEY,
    { name: "nomkstream", type: "pure-token", token: "NOMKSTREAM", since: "6.2.0", flags: ["optional"] },
    { name: "trim", type: "block", flags: ["optional"], args: TRIM_ARGS },
    oneOf("id-selector", [
      { name: "auto-id", type: "pure-token", token: "*" },
      { name: "id", type: "string" },
    ]),
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
  handler: handleXadd,
};
