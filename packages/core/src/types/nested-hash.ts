/**
 * KeyDB's nested hashes: a dictionary whose values are texts, lists of texts, or dictionaries again. A value is read and
 * written as a whole, O(its size).
 *
 * Encoded: 0 | text, 1 | count | texts, or 2 | count | (name, node)..., names and texts with their lengths in front;
 * counts and lengths are u32. The record's payload holds that; one longer than INLINE_MAX is in chunks under the record's
 * generation, its length the record's size.
 */
import { ENCODING_ID, TYPE_ID } from "../codec/format.ts";
import { type Entry, NO_EXPIRY } from "../codec/record.ts";
import { readChunks, writeChunks } from "../keyspace/chunks.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";

export const NESTED = TYPE_ID.nested;
/** Longest encoding that is kept in the record itself, bytes. */
const INLINE_MAX = 16000;
/** Names of a path, the key's included: more would be too deep for a walk. */
export const PATH_MAX = 128;

const KIND = { text: 0, list: 1, dictionary: 2 } as const;

/** A text, a list of texts, or a dictionary; its names are latin1, in the order in which they were added. */
export type NestedNode = Buffer | readonly Buffer[] | Map<string, NestedNode>;

/** The encoded value in a record that `find` just returned. */
export function nestedBytes(keyspace: Keyspace, entry: Entry): Buffer {
  const { store, codec } = keyspace;
  const { generation, size } = entry;
  return generation === 0 ? keyspace.copyPayload(entry) : readChunks(store, codec, generation, size);
}

/** The value in a record that `find` just returned. */
export function readNested(keyspace: Keyspace, entry: Entry): NestedNode {
  return new Decoder(nestedBytes(keyspace, entry)).node();
}

/** The value that bytes from elsewhere encode; null when they do not. */
export function parseNested(bytes: Buffer): NestedNode | null {
  try {
    const decoder = new Decoder(bytes);
    const node = decoder.node();
    return decoder.isAtEnd ? node : null;
  } catch {
    return null;
  }
}

/** Gives key `kb[ks..ke)` a value. `old` is what `find` just returned for it. In a write txn. */
export function saveNested(
  keyspace: Keyspace,
  db: number,
  kb: Buffer,
  ks: number,
  ke: number,
  old: Entry | null,
  root: NestedNode,
): void {
  const parts: Buffer[] = [];
  encode(root, parts);
  const bytes = Buffer.concat(parts);
  const { store, codec, databases } = keyspace;
  const isInline = bytes.length <= INLINE_MAX;
  const generation = isInline ? 0 : databases.newGeneration();
  if (!isInline) {
    writeChunks(store, codec, generation, bytes, 0, bytes.length);
    keyspace.forgetRow();
  }
  const expireAtMs = old === null ? NO_EXPIRY : old.expireAtMs;
  const size = isInline ? 0 : bytes.length;
  let p = keyspace.startRecord(kb, ks, ke, old, NESTED, ENCODING_ID.raw, expireAtMs, generation, size);
  if (isInline) p += bytes.copy(store.putBuffer, p);
  keyspace.endRecord(db, kb, ks, ke, old, expireAtMs, p, generation);
}

/** What lies at a path below `root`; null when there is nothing. */
export function nestedAt(root: NestedNode, path: readonly string[]): NestedNode | null {
  let node: NestedNode | undefined = root;
  for (const name of path) {
    if (!(node instanceof Map)) return null;
    node = node.get(name);
  }
  return node ?? null;
}

/**
 * `root` (null: nothing) with `leaf` at a path; levels that are missing or no dictionaries become ones. `replaced`:
 * something was there.
 */
export function nestedWith(
  root: NestedNode | null,
  path: readonly string[],
  leaf: NestedNode,
): { root: NestedNode; replaced: boolean } {
  const last = path.at(-1);
  if (last === undefined) return { root: leaf, replaced: root !== null };
  const top = dictionary(root);
  let node = top;
  for (const name of path.slice(0, -1)) {
    const below = dictionary(node.get(name) ?? null);
    node.set(name, below);
    node = below;
  }
  const replaced = node.has(last);
  node.set(last, leaf);
  return { root: top, replaced };
}

function dictionary(node: NestedNode | null): Map<string, NestedNode> {
  return node instanceof Map ? node : new Map();
}

/** As KeyDB writes it: blanks around colons, every leaf a text. Bytes beyond ASCII stay as they are. */
export function nestedJson(node: NestedNode): Buffer {
  return Buffer.from(jsonText(node), "latin1");
}

function jsonText(node: NestedNode): string {
  if (node instanceof Map) {
    return `{${[...node].map(([name, value]) => `${quoted(name)} : ${jsonText(value)}`).join(",")}}`;
  }
  if (Buffer.isBuffer(node)) return quoted(node.toString("latin1"));
  return `[${node.map((text) => quoted(text.toString("latin1"))).join(",")}]`;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

// ------------------------------------------------------------------------------------------------ bytes

function encode(node: NestedNode, parts: Buffer[]): void {
  if (Buffer.isBuffer(node)) {
    parts.push(Buffer.from([KIND.text]));
    encodeText(node, parts);
  } else if (node instanceof Map) {
    parts.push(Buffer.from([KIND.dictionary]), u32(node.size));
    for (const [name, value] of node) {
      encodeText(Buffer.from(name, "latin1"), parts);
      encode(value, parts);
    }
  } else {
    parts.push(Buffer.from([KIND.list]), u32(node.length));
    for (const text of node) encodeText(text, parts);
  }
}

function encodeText(text: Buffer, parts: Buffer[]): void {
  parts.push(u32(text.length), text);
}

function u32(n: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(n);
  return bytes;
}

class Decoder {
  private readonly bytes: Buffer;
  private at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.at === this.bytes.length;
  }

  /** `depth`: names on the way here. */
  node(depth = 1): NestedNode {
    if (depth > PATH_MAX) throw new Error("nested hash: too deep");
    const kind = this.bytes[this.at++];
    if (kind === KIND.text) return this.text();
    if (kind !== KIND.list && kind !== KIND.dictionary) throw new Error(`nested hash: a node of kind ${kind}`);
    const count = this.number();
    if (count > this.bytes.length) throw new Error("nested hash: more elements than bytes");
    if (kind === KIND.list) return Array.from({ length: count }, () => this.text());
    const found = new Map<string, NestedNode>();
    for (let i = 0; i < count; i++) {
      found.set(this.text().toString("latin1"), this.node(depth + 1));
    }
    return found;
  }

  private number(): number {
    this.at += 4;
    return this.bytes.readUInt32BE(this.at - 4);
  }

  private text(): Buffer {
    const length = this.number();
    this.at += length;
    if (this.at > this.bytes.length) throw new Error("nested hash: a text is cut off");
    return this.bytes.subarray(this.at - length, this.at);
  }
}
