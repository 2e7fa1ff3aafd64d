/**
 * Ids that are written to disk. Append only: never renumber or reuse.
 *
 * Tables, by the first byte of a key:
 *   0 meta       `0 | name`                                     -> see keyspace/databases.ts
 *   1 keys       `1 | epoch u32 | hash 6 B | key tail`          -> record (codec/record.ts)
 *   2 elements   `2 | generation 8 B | subkey`                  -> belongs to the type that owns the generation
 *   3 expires    `3 | expiry ms 8 B | epoch u32 | hash 6 B | key tail` -> empty
 *   4 trash      `4 | kind | id 8 B`                            -> empty (kind 0: a generation, kind 1: an epoch)
 *   5 member expires `5 | deadline ms 8 B | epoch u32 | hash 6 B | key tail` -> empty; one per key, for its earliest member
 *   6 functions  `6` and `6 | library 8 B | piece u32`          -> see keyspace/function-libraries.ts
 *   7 scripts    `7` and `7 | SHA-1 20 B | piece u32`           -> see keyspace/script-cache.ts
 *   8 waiting keys, 9 waits: blocked clients                    -> see keyspace/waits.ts
 *  10 cron      `10 | next run ms 8 B | epoch u32 | hash 6 B | key tail` -> empty; one per KEYDB.CRON job
 * All integers are big endian, so that byte order is number order.
 */
export const FORMAT_VERSION = 1;

export const TABLE = {
  meta: 0,
  keys: 1,
  elements: 2,
  expires: 3,
  trash: 4,
  memberExpires: 5,
  functions: 6,
  scripts: 7,
  waitingKeys: 8,
  waits: 9,
  cron: 10,
} as const;

export const TYPE_ID = { string: 1, list: 2, set: 3, zset: 4, hash: 5, stream: 6, cron: 7, nested: 8 } as const;
export type TypeName = keyof typeof TYPE_ID;
export type TypeId = (typeof TYPE_ID)[TypeName];
/** KEYDB.CRON jobs and nested hashes have no name of their own, as in KeyDB. */
const TYPE_NAMES = ["none", "string", "list", "set", "zset", "hash", "stream", "unknown", "unknown"] as const;

/** Name of a stored type id as TYPE replies it. */
export function typeName(id: number): string {
  return TYPE_NAMES[id] ?? "unknown";
}

export function isKnownType(id: number): boolean {
  return id > 0 && id < TYPE_NAMES.length;
}

/** Whether a value of the type that is not in its record is one byte string in chunks, as long as the record's size. */
export function isChunked(type: number): boolean {
  return type === TYPE_ID.string || type === TYPE_ID.cron || type === TYPE_ID.nested;
}

/** The table that orders keys of a type by the second time in their records: a job's next run, else a member's deadline. */
export function deadlineTable(type: number): number {
  return type === TYPE_ID.cron ? TABLE.cron : TABLE.memberExpires;
}

export const ENCODING_ID = {
  raw: 0,
  int: 1,
  embstr: 2,
  listpack: 3,
  intset: 4,
  hashtable: 5,
  skiplist: 6,
  quicklist: 7,
  stream: 8,
  listpackex: 9,
} as const;
export type EncodingName = keyof typeof ENCODING_ID;
const ENCODING_NAMES = Object.keys(ENCODING_ID);

/** Name of a stored encoding id as OBJECT ENCODING replies it. */
export function encodingName(id: number): string {
  return ENCODING_NAMES[id] ?? "unknown";
}

export const TRASH_KIND = { generation: 0, epoch: 1 } as const;
