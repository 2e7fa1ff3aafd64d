/** How far consumer groups are behind, as Redis 7.2 reckons it from counters alone. */
import type { Stream } from "./stream.ts";
import { type Group, UNKNOWN } from "./stream-groups.ts";
import type { StreamId } from "./stream-id.ts";
import { type WideCount, wideAdd, wideSubtract } from "./wide-count.ts";

/** Whether entries were deleted at or after `from` (streamRangeHasTombstones with an open end). */
function hasTombstonesFrom(stream: Stream, from: StreamId): boolean {
  const { maxDeletedId } = stream;
  if (stream.length === 0 || maxDeletedId.isZero) return false;
  return stream.firstId.compare(maxDeletedId) <= 0 && from.compare(maxDeletedId) <= 0;
}

/** How many entries were ever added up to `id`; UNKNOWN when the counters cannot tell. */
export function entriesUpTo(stream: Stream, id: StreamId): WideCount {
  const { entriesAdded, length, lastId, firstId, maxDeletedId } = stream;
  if (entriesAdded === 0) return 0;
  const order = id.compare(lastId);
  if (length === 0 && order <= 0) return entriesAdded;
  if (order === 0) return entriesAdded;
  if (order > 0) return UNKNOWN;
  if (maxDeletedId.isZero || maxDeletedId.compare(firstId) < 0) {
    const beforeFirst = wideSubtract(entriesAdded, length);
    const place = id.compare(firstId);
    if (place < 0) return beforeFirst;
    if (place === 0) return wideAdd(beforeFirst, 1);
  }
  return UNKNOWN;
}

/** Entries that the group has still to read; null when that cannot be told. */
export function groupLag(stream: Stream, group: Group): WideCount | null {
  const { entriesAdded } = stream;
  if (entriesAdded === 0) return 0;
  if (group.entriesRead !== UNKNOWN && !hasTombstonesFrom(stream, group.lastId)) {
    return wideSubtract(entriesAdded, group.entriesRead);
  }
  const read = entriesUpTo(stream, group.lastId);
  return read === UNKNOWN ? null : wideSubtract(entriesAdded, read);
}

/** The group is given the entry `id`: moves its last ID and its counter on, if the entry is new to it. */
export function advanceGroup(stream: Stream, group: Group, id: StreamId): void {
  if (id.compare(group.lastId) <= 0) return;
  if (group.entriesRead !== UNKNOWN && !hasTombstonesFrom(stream, id)) {
    group.entriesRead = wideAdd(group.entriesRead, 1);
  } else if (stream.entriesAdded !== 0) group.entriesRead = entriesUpTo(stream, id);
  group.lastId = id;
}
