/**
 * Streams: nodes, each as the ID it starts with and a listpack; length, last, first and highest deleted ID, entries added;
 * then the consumer groups: name, last ID, entries read, pending entries, and consumers with the IDs pending for them.
 *
 *   listpack   live entries, deleted entries, number of fields, the fields of the first entry, 0, then the entries
 *   entry      flags, ID above the node's (ms, sequence), [number of fields,] fields and values (only values when the
 *              fields are the node's), number of items of the entry
 *
 * Older forms lack some of the numbers; they are made up as Redis does.
 */
import { parseInt64 } from "../base/numbers.ts";
import type { Entry } from "../codec/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { Stream } from "../types/stream.ts";
import { StreamCursor } from "../types/stream-cursor.ts";
import { StreamGroups, UNKNOWN } from "../types/stream-groups.ts";
import { ID_BYTES, StreamId } from "../types/stream-id.ts";
import { entriesUpTo } from "../types/stream-lag.ts";
import type { WideCount } from "../types/wide-count.ts";
import { ByteList } from "./byte-list.ts";
import { ListpackWriter, readListpack } from "./listpack.ts";
import { RDB_TYPE } from "./rdb-format.ts";
import type { NewKey, RdbObject } from "./rdb-object.ts";
import { DamagedPayload, type RdbReader } from "./rdb-reader.ts";
import { RdbWriter } from "./rdb-writer.ts";

const FLAG = { deleted: 1, sameFields: 2 } as const;
/** UNKNOWN as an unsigned number, as `entries read` is written. */
const UNKNOWN_WIDE = 0xffffffffffffffffn;
/** Items of an entry beside its fields and values: flags, ID (two), number of items; and the number of its own fields. */
const FIXED_ITEMS = 4;

// ------------------------------------------------------------------------------------------------ writing

export function writeStreamObject(keyspace: Keyspace, entry: Entry, to: RdbWriter): void {
  to.byte(RDB_TYPE.stream3);
  const stream = new Stream(keyspace, entry);
  const nodes = new NodeWriter(to.compresses);
  const cursor = new StreamCursor(stream);
  try {
    cursor.range(StreamId.min(), StreamId.max(), false);
    while (cursor.next()) nodes.add(cursor);
  } finally {
    cursor.close();
  }
  nodes.finish();
  to.length(nodes.count);
  to.raw(nodes.out.bytes);
  to.length(stream.length);
  for (const id of [stream.lastId, stream.firstId, stream.maxDeletedId]) writeId(id, to);
  to.length(stream.entriesAdded);
  writeGroups(new StreamGroups(stream.rows), to);
}

function rawId(id: StreamId): Buffer {
  const bytes = Buffer.allocUnsafe(ID_BYTES);
  id.write(bytes, 0);
  return bytes;
}

function writeId(id: StreamId, to: RdbWriter): void {
  const bytes = rawId(id);
  to.length(bytes.readBigUInt64BE(0));
  to.length(bytes.readBigUInt64BE(8));
}

/** Gathers the entries of one node after the other. */
class NodeWriter {
  readonly out: RdbWriter;
  count = 0;
  private readonly pack: ListpackWriter = new ListpackWriter();
  private nodeId: Buffer | null = null;
  /** Fields and values of the node's entries, their IDs, and how many pairs each has. */
  private items: ByteList = new ByteList();
  private readonly ids: Buffer[] = [];
  private readonly pairs: number[] = [];

  constructor(compresses: boolean) {
    this.out = new RdbWriter(compresses);
  }

  /** Adds the cursor's entry. */
  add(cursor: StreamCursor): void {
    const nodeId = rawId(cursor.nodeId);
    if (this.nodeId?.equals(nodeId) === false) this.finish();
    this.nodeId = nodeId;
    this.ids.push(rawId(cursor.id));
    const pairs = cursor.readFields();
    this.pairs.push(pairs);
    for (let i = 0; i < pairs; i++) {
      cursor.nextField();
      this.items.add(cursor.fieldBytes, cursor.fieldStart, cursor.fieldEnd);
      this.items.add(cursor.valueBytes, cursor.valueStart, cursor.valueEnd);
    }
  }

  /** Writes the node that was gathered, if there is one. */
  finish(): void {
    const { nodeId, pack, ids, pairs, items, out } = this;
    if (nodeId === null) return;
    pack.addInteger(ids.length);
    pack.addInteger(0);
    const shared = pairs[0] as number;
    pack.addInteger(shared);
    for (let i = 0; i < shared; i++) this.pack.add(items.buffer, items.start(2 * i), items.end(2 * i));
    pack.addInteger(0);
    let first = 0;
    ids.forEach((id, i) => {
      const count = pairs[i] as number;
      const isSame = this.hasSharedFields(first, count, shared);
      pack.addInteger(isSame ? FLAG.sameFields : 0);
      pack.addInteger(above(id, nodeId, 0));
      pack.addInteger(above(id, nodeId, 8));
      if (!isSame) pack.addInteger(count);
      for (let k = first; k < first + 2 * count; k++) {
        if (!isSame || (k - first) % 2 === 1) pack.add(items.buffer, items.start(k), items.end(k));
      }
      pack.addInteger(isSame ? count + FIXED_ITEMS - 1 : 2 * count + FIXED_ITEMS);
      first += 2 * count;
    });
    out.string(nodeId);
    out.string(pack.finish());
    this.count++;
    pack.clear();
    this.items = new ByteList();
    ids.length = 0;
    pairs.length = 0;
    this.nodeId = null;
  }

  /** Whether the entry whose items start at `first` has the fields of the first one. */
  private hasSharedFields(first: number, count: number, shared: number): boolean {
    if (count !== shared) return false;
    const { items } = this;
    const { buffer } = items;
    for (let i = 0; i < 2 * count; i += 2) {
      const at = first + i;
      if (buffer.compare(buffer, items.start(i), items.end(i), items.start(at), items.end(at)) !== 0) return false;
    }
    return true;
  }
}

/** How much one half of an ID is above the other's, as the signed number that wraps to it. */
function above(id: Buffer, base: Buffer, half: number): bigint {
  return BigInt.asIntN(64, id.readBigUInt64BE(half) - base.readBigUInt64BE(half));
}

function writeGroups(groups: StreamGroups, to: RdbWriter): void {
  const all = groups.all();
  to.length(all.length);
  for (const group of all) {
    to.string(group.name);
    writeId(group.lastId, to);
    to.length(group.entriesRead === UNKNOWN ? UNKNOWN_WIDE : group.entriesRead);
    to.length(group.pending);
    groups.eachPending(group, null, StreamId.min(), (id, nack) => {
      to.raw(rawId(id));
      to.milliseconds(nack.deliveryMs);
      to.length(nack.deliveryCount);
      return true;
    });
    to.length(group.consumers);
    for (const consumer of groups.allConsumers(group)) {
      to.string(consumer.name);
      to.milliseconds(consumer.seenMs);
      to.milliseconds(consumer.activeMs);
      to.length(consumer.pending);
      groups.eachPending(group, consumer, StreamId.min(), (id) => {
        to.raw(rawId(id));
        return true;
      });
    }
  }
}

// ------------------------------------------------------------------------------------------------ reading

interface ReadNack {
  readonly id: StreamId;
  readonly deliveryMs: number;
  readonly deliveryCount: WideCount;
  /** Index of the consumer. */
  consumer: number;
}

interface ReadConsumer {
  readonly name: Buffer;
  readonly seenMs: number;
  readonly activeMs: number;
}

interface ReadGroup {
  readonly name: Buffer;
  readonly lastId: StreamId;
  /** Null: to be reckoned, the payload does not tell. */
  readonly entriesRead: WideCount | null;
  readonly pending: readonly ReadNack[];
  readonly consumers: readonly ReadConsumer[];
}

/** Entries in order: IDs, where their fields and values start among the items, and how many pairs there are. */
class ReadEntries {
  readonly items: ByteList = new ByteList();
  readonly ids: StreamId[] = [];
  readonly firsts: number[] = [];
  readonly pairs: number[] = [];

  /** Begins an entry; its items follow. */
  begin(id: StreamId, pairs: number): void {
    const last = this.ids.at(-1);
    if (pairs < 1 || id.isZero || (last !== undefined && last.compare(id) >= 0)) throw new DamagedPayload();
    this.ids.push(id);
    this.firsts.push(this.items.count);
    this.pairs.push(pairs);
  }
}

interface ReadStream {
  readonly entries: ReadEntries;
  readonly lastId: StreamId;
  readonly maxDeletedId: StreamId;
  readonly entriesAdded: WideCount;
  readonly groups: readonly ReadGroup[];
}

export function readStreamObject(type: number, from: RdbReader): RdbObject {
  const entries = new ReadEntries();
  for (let left = from.count(2); left > 0; left--) readNode(from, entries);
  if (from.length() !== entries.ids.length) throw new DamagedPayload();
  const lastId = readId(from);
  const lastEntry = entries.ids.at(-1);
  if (lastEntry !== undefined && lastEntry.compare(lastId) > 0) throw new DamagedPayload();
  let maxDeletedId = StreamId.min();
  let entriesAdded: WideCount = entries.ids.length;
  if (type !== RDB_TYPE.stream1) {
    // The first ID, which the entries tell too.
    readId(from);
    maxDeletedId = readId(from);
    entriesAdded = from.wide();
  }
  const groups = Array.from({ length: from.count() }, () => readGroup(type, from));
  checkNames(groups);
  const stream = { entries, lastId, maxDeletedId, entriesAdded, groups };
  return { store: (key) => storeStream(stream, key) };
}

function checkNames(named: readonly { readonly name: Buffer }[]): void {
  if (new Set(named.map(({ name }) => name.latin1Slice())).size !== named.length) throw new DamagedPayload();
}

function idOf(ms: bigint, seq: bigint): StreamId {
  const bytes = Buffer.allocUnsafe(ID_BYTES);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, ms), 0);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, seq), 8);
  return StreamId.read(bytes, 0);
}

function readId(from: RdbReader): StreamId {
  const ms = BigInt(from.wide());
  return idOf(ms, BigInt(from.wide()));
}

/** Takes the items of a node one by one. */
class NodeItems {
  readonly items: ByteList = new ByteList();
  at = 0;

  next(): number {
    if (this.at >= this.items.count) throw new DamagedPayload();
    return this.at++;
  }

  wide(): bigint {
    const i = this.next();
    const n = parseInt64(this.items.buffer, this.items.start(i), this.items.end(i));
    if (n === null) throw new DamagedPayload();
    return n;
  }

  /** A number of items that follow. */
  count(): number {
    const n = Number(this.wide());
    if (!(n >= 0 && n <= this.items.count)) throw new DamagedPayload();
    return n;
  }
}

function readNode(from: RdbReader, into: ReadEntries): void {
  const nodeId = from.string();
  if (nodeId.length !== ID_BYTES) throw new DamagedPayload();
  from.readString();
  const node = new NodeItems();
  readListpack(from.text, from.textStart, from.textEnd, node.items);
  const entries = node.count() + node.count();
  const shared = node.count();
  const sharedAt = node.at;
  for (let i = 0; i < shared; i++) node.next();
  if (node.wide() !== 0n) throw new DamagedPayload();
  for (let left = entries; left > 0; left--) readEntry(node, nodeId, sharedAt, shared, into);
  if (node.at !== node.items.count) throw new DamagedPayload();
}

function readEntry(node: NodeItems, nodeId: Buffer, sharedAt: number, shared: number, into: ReadEntries): void {
  const from = node.at;
  const flags = Number(node.wide());
  const isSame = (flags & FLAG.sameFields) !== 0;
  const isDeleted = (flags & FLAG.deleted) !== 0;
  const ms = nodeId.readBigUInt64BE(0) + node.wide();
  const seq = nodeId.readBigUInt64BE(8) + node.wide();
  const pairs = isSame ? shared : node.count();
  if (!isDeleted) into.begin(idOf(ms, seq), pairs);
  for (let i = 0; i < pairs; i++) {
    const field = isSame ? sharedAt + i : node.next();
    const value = node.next();
    if (isDeleted) continue;
    into.items.addFrom(node.items, field);
    into.items.addFrom(node.items, value);
  }
  const told = node.at - from;
  if (node.count() !== told) throw new DamagedPayload();
}

function readGroup(type: number, from: RdbReader): ReadGroup {
  const name = from.string();
  const lastId = readId(from);
  let entriesRead: WideCount | null = null;
  if (type !== RDB_TYPE.stream1) {
    entriesRead = from.wide();
    if (entriesRead === UNKNOWN_WIDE) entriesRead = UNKNOWN;
  }
  const pending = new Map<string, ReadNack>();
  const size = from.count(ID_BYTES + 9);
  for (let left = size; left > 0; left--) {
    const id = readRawId(from);
    const nack = { id, deliveryMs: readTime(from), deliveryCount: from.wide(), consumer: UNKNOWN };
    pending.set(id.text(), nack);
  }
  const consumers = Array.from({ length: from.count() }, (_, i) => readConsumer(type, from, pending, i));
  checkNames(consumers);
  const nacks = [...pending.values()];
  // One that is there twice, or belongs to nobody.
  if (nacks.length !== size || nacks.some(({ consumer }) => consumer === UNKNOWN)) throw new DamagedPayload();
  return { name, lastId, entriesRead, pending: nacks, consumers };
}

function readConsumer(type: number, from: RdbReader, pending: Map<string, ReadNack>, index: number): ReadConsumer {
  const name = from.string();
  const seenMs = readTime(from);
  const activeMs = type === RDB_TYPE.stream3 ? readTime(from, UNKNOWN) : seenMs;
  for (let left = from.count(ID_BYTES); left > 0; left--) {
    const nack = pending.get(readRawId(from).text());
    if (nack === undefined || nack.consumer !== UNKNOWN) throw new DamagedPayload();
    nack.consumer = index;
  }
  return { name, seenMs, activeMs };
}

function readRawId(from: RdbReader): StreamId {
  return StreamId.read(from.bytes, from.skip(ID_BYTES));
}

function readTime(from: RdbReader, least = 0): number {
  const ms = Number(from.milliseconds());
  if (!(ms >= least && ms <= Number.MAX_SAFE_INTEGER)) throw new DamagedPayload();
  return ms;
}

function storeStream({ entries, lastId, maxDeletedId, entriesAdded, groups }: ReadStream, key: NewKey): void {
  const { keyspace, limits, db, buffer, start, end } = key;
  const stream = new Stream(keyspace, null);
  entries.ids.forEach((id, i) => {
    stream.append(id, entries.items, entries.firsts[i] as number, entries.pairs[i] as number, limits.stream);
  });
  stream.lastId = lastId;
  stream.maxDeletedId = maxDeletedId;
  stream.entriesAdded = entriesAdded;
  const made = new StreamGroups(stream.rows);
  for (const group of groups) storeGroup(stream, made, group);
  keyspace.forgetRow();
  stream.save(db, buffer, start, end);
}

function storeGroup(stream: Stream, groups: StreamGroups, from: ReadGroup): void {
  const group = groups.create(from.name, from.lastId, from.entriesRead ?? entriesUpTo(stream, from.lastId));
  const consumers = from.consumers.map(({ name, seenMs, activeMs }) => {
    const consumer = groups.createConsumer(group, name);
    consumer.seenMs = seenMs;
    consumer.activeMs = activeMs;
    return consumer;
  });
  for (const { id, deliveryMs, deliveryCount, consumer } of from.pending) {
    const owner = consumers[consumer];
    if (owner !== undefined) groups.assign(group, owner, id, null, deliveryMs, deliveryCount);
  }
  for (const consumer of consumers) groups.saveConsumer(group, consumer);
  groups.save(group);
}
