import type { Context } from "../../command/context.ts";
import type { Stream } from "../../types/stream.ts";
import { type Group, UNKNOWN } from "../../types/stream-groups.ts";
import { groupLag } from "../../types/stream-lag.ts";

/** Replies how many entries a group has read, and how many it has still to read. */
export function replyProgress(ctx: Context, stream: Stream, group: Group): void {
  const { reply } = ctx;
  reply.bulkText("entries-read");
  if (group.entriesRead === UNKNOWN) reply.null();
  else reply.integer(group.entriesRead);
  reply.bulkText("lag");
  const lag = groupLag(stream, group);
  if (lag === null) reply.null();
  else reply.integer(lag);
}
