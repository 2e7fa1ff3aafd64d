/**
 * Lists: number of nodes, then of each whether it is packed, and its listpack; a node that is not packed is one element.
 * Read are also a plain list of strings, and what was made of ziplists.
 */
import { ENCODING_ID } from "../codec/format.ts";
import type { Entry } from "../codec/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { List } from "../types/list.ts";
import { exceedsLimits, type ListLimits } from "../types/list-nodes.ts";
import { ByteList } from "./byte-list.ts";
import { ListpackWriter, readListpack } from "./listpack.ts";
import { readZiplist } from "./old-encodings.ts";
import { RDB_NODE, RDB_TYPE } from "./rdb-format.ts";
import type { RdbObject } from "./rdb-object.ts";
import { DamagedPayload, type RdbReader } from "./rdb-reader.ts";
import { RdbWriter } from "./rdb-writer.ts";

/** Redis' estimate of what an element takes in a listpack beyond its bytes. */
const ELEMENT_OVERHEAD = 8;

export function writeListObject(keyspace: Keyspace, entry: Entry, to: RdbWriter, limits: ListLimits): void {
  to.byte(RDB_TYPE.quicklist);
  const isOneNode = entry.encoding === ENCODING_ID.listpack;
  const nodes = new RdbWriter(to.compresses);
  const node = new ListpackWriter();
  let count = 0;
  const finishNode = (): void => {
    nodes.length(RDB_NODE.packed);
    nodes.string(node.finish());
    node.clear();
    count++;
  };
  const list = new List(keyspace, entry);
  try {
    for (let found = list.seek(0); found; found = list.next()) {
      list.read();
      const { buffer, start, end } = list;
      const isFull = exceedsLimits(limits, node.size + end - start + ELEMENT_OVERHEAD, node.count + 1);
      if (!isOneNode && isFull && node.count > 0) finishNode();
      node.add(buffer, start, end);
    }
  } finally {
    list.release();
  }
  finishNode();
  to.length(count);
  to.raw(nodes.bytes);
}

export function readListObject(type: number, from: RdbReader): RdbObject {
  const items = new ByteList();
  if (type === RDB_TYPE.listZiplist) {
    from.readString();
    readZiplist(from.text, from.textStart, from.textEnd, items);
  } else {
    for (let left = from.count(); left > 0; left--) readNode(type, from, items);
  }
  if (items.count === 0) throw new DamagedPayload();
  return { store: (key) => storeList(items, key) };
}

function readNode(type: number, from: RdbReader, items: ByteList): void {
  const isPacked = type !== RDB_TYPE.list && (type !== RDB_TYPE.quicklist || isPackedNode(from.length()));
  from.readString();
  const { text, textStart, textEnd } = from;
  if (!isPacked) {
    // As in Redis: an empty element lies in a listpack.
    if (textStart === textEnd && type !== RDB_TYPE.list) throw new DamagedPayload();
    items.add(text, textStart, textEnd);
    return;
  }
  const read = type === RDB_TYPE.quicklist ? readListpack : readZiplist;
  read(text, textStart, textEnd, items);
}

function isPackedNode(kind: number): boolean {
  if (kind !== RDB_NODE.packed && kind !== RDB_NODE.plain) throw new DamagedPayload();
  return kind === RDB_NODE.packed;
}

function storeList(items: ByteList, key: Parameters<RdbObject["store"]>[0]): void {
  const list = new List(key.keyspace, null);
  try {
    list.makeQuicklist(key.limits.list);
    for (let i = 0; i < items.count; i++) list.push(false, items.buffer, items.start(i), items.end(i));
    list.convertBuilt(key.limits.list);
    list.save(key.db, key.buffer, key.start, key.end);
  } finally {
    list.release();
  }
}
