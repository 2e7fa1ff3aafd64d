/** About how many bytes the rows of a stream take, from a sample of its nodes and the counts of its groups. */
import { ELEMENT_SUBKEY } from "../codec/key-codec.ts";
import type { Entry } from "../codec/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { StreamGroups } from "./stream-groups.ts";
import { ID_BYTES, StreamId } from "./stream-id.ts";
import { STREAM_TAG, StreamRows } from "./stream-rows.ts";

/** Bytes of the two rows of a pending entry: their keys, and the value of the group's. */
const PENDING_BYTES = ELEMENT_SUBKEY + 5 + ID_BYTES + 20 + ELEMENT_SUBKEY + 9 + ID_BYTES;
/** Bytes of the two rows of a consumer, without its name, which is in both. */
const CONSUMER_BYTES = ELEMENT_SUBKEY + 5 + 28 + ELEMENT_SUBKEY + 13;

/** `rowOverhead` is what the store adds to each row. The entry is what `find` just returned. O(samples + groups). */
export function streamRowsMemory(keyspace: Keyspace, entry: Entry, samples: number, rowOverhead: number): number {
  const rows = new StreamRows(keyspace, entry.generation);
  const groups = new StreamGroups(rows);
  let bytes = sampleNodes(rows, samples, rowOverhead) * entry.size;
  for (const { name, pending, consumers } of groups.all()) {
    bytes += name.length + 64 + rowOverhead;
    bytes += pending * (PENDING_BYTES + 2 * rowOverhead) + consumers * (CONSUMER_BYTES + 2 * rowOverhead);
  }
  return Math.round(bytes);
}

/** Mean bytes of the first `samples` nodes in rows; 0 when there is none. */
function sampleNodes(rows: StreamRows, samples: number, rowOverhead: number): number {
  const cursor = rows.keyspace.store.openCursor();
  let bytes = 0;
  let count = 0;
  try {
    let found = cursor.seek(rows.node(StreamId.min()));
    while (found && count < samples && rows.isOn(cursor, STREAM_TAG.node)) {
      bytes += cursor.keyLength + cursor.readValue() + rowOverhead;
      count++;
      found = cursor.next();
    }
  } finally {
    cursor.close();
  }
  return count === 0 ? 0 : bytes / count;
}
