/** Checks the rows of a stream: nodes, order, counts, pending entries and their consumers. */
import type { Entry } from "../../packages/core/src/codec/record.ts";
import type { Keyspace } from "../../packages/core/src/keyspace/keyspace.ts";
import { Stream } from "../../packages/core/src/types/stream.ts";
import { StreamCursor } from "../../packages/core/src/types/stream-cursor.ts";
import { StreamGroups } from "../../packages/core/src/types/stream-groups.ts";
import { StreamId } from "../../packages/core/src/types/stream-id.ts";

/** A value checker (keyspace/check.ts) for streams. */
export function checkStream(keyspace: Keyspace, entry: Entry, problem: (text: string) => void): void {
  const stream = new Stream(keyspace, entry);
  if (stream.nodes > 0 && stream.tail === null) problem("a stream with nodes has no last node");
  const ids = checkEntries(stream, false, problem);
  const backwards = checkEntries(stream, true, problem).reverse();
  if (ids.join() !== backwards.join()) problem("the entries differ by direction");
  if ((ids[0] ?? "0-0") !== stream.firstId.text()) problem(`first ID is ${ids[0]}, not ${stream.firstId.text()}`);
  const groups = new StreamGroups(stream.rows);
  const all = groups.all();
  if (all.length !== groups.count()) problem(`${all.length} groups, counted ${groups.count()}`);
  for (const group of all) {
    const owners = new Map<number, number>();
    let pending = 0;
    groups.eachPending(group, null, StreamId.min(), (_id, nack) => {
      owners.set(nack.consumer, (owners.get(nack.consumer) ?? 0) + 1);
      pending++;
      return true;
    });
    if (pending !== group.pending) problem(`${pending} pending entries, counted ${group.pending}`);
    const consumers = groups.allConsumers(group);
    if (consumers.length !== group.consumers) problem(`${consumers.length} consumers, counted ${group.consumers}`);
    for (const consumer of consumers) {
      let own = 0;
      groups.eachPending(group, consumer, StreamId.min(), (_id, nack) => {
        if (nack.consumer === consumer.id) own++;
        return true;
      });
      if (own !== consumer.pending || own !== (owners.get(consumer.id) ?? 0)) {
        problem(`consumer ${consumer.name} has ${own} pending entries, counted ${consumer.pending}`);
      }
      if (!groups.consumerName(group, consumer.id).equals(consumer.name)) problem("a consumer has two names");
    }
  }
}

function checkEntries(stream: Stream, isReverse: boolean, problem: (text: string) => void): string[] {
  const ids: string[] = [];
  const cursor = new StreamCursor(stream);
  let before: StreamId | null = null;
  cursor.range(StreamId.min(), StreamId.max(), isReverse);
  while (cursor.next()) {
    const order = before === null ? 1 : cursor.id.compare(before);
    if (isReverse && before !== null ? order >= 0 : order <= 0) problem(`entry ${cursor.id.text()} is out of order`);
    before = cursor.id.copy();
    ids.push(before.text());
    for (let left = cursor.readFields(); left > 0; left--) cursor.nextField();
  }
  cursor.close();
  if (ids.length !== stream.length) problem(`${ids.length} entries, counted ${stream.length}`);
  return ids;
}
