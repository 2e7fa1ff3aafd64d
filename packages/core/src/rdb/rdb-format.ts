/** Numbers of the RDB format: what DUMP payloads, snapshots and FUNCTION DUMP are made of. */

/** What we write; also the newest that Redis 7.2 reads. */
export const RDB_VERSION = 11;
/** What we read, and write for hashes whose fields have deadlines: Redis 7.4's. */
export const RDB_VERSION_FIELD_EXPIRY = 12;

/** Kinds of objects. Those that Redis no longer writes are read all the same. */
export const RDB_TYPE = {
  string: 0,
  list: 1,
  set: 2,
  zsetText: 3,
  hash: 4,
  zset: 5,
  hashZipmap: 9,
  listZiplist: 10,
  setIntset: 11,
  zsetZiplist: 12,
  hashZiplist: 13,
  quicklistZiplist: 14,
  stream1: 15,
  hashListpack: 16,
  zsetListpack: 17,
  quicklist: 18,
  stream2: 19,
  setListpack: 20,
  stream3: 21,
  hashDeadlines: 24,
  hashListpackDeadlines: 25,
  /** KeyDB's: a job of KEYDB.CRON. */
  cron: 64,
  /** Ours: a nested hash (KEYDB.NHSET), for which KeyDB has none. */
  nested: 65,
} as const;

export const RDB_OPCODE = { function: 0xf5, functionPreGa: 0xf6, aux: 0xfa } as const;

/** Special strings, after the two bits that announce them. */
export const RDB_STRING = { int8: 0, int16: 1, int32: 2, lzf: 3 } as const;

/** Nodes of a quicklist. */
export const RDB_NODE = { plain: 1, packed: 2 } as const;

/** Names of what follows an object for which the format itself has no place. The first two are KeyDB's. */
export const RDB_AUX = {
  member: "keydb-subexpire-key",
  memberDeadline: "keydb-subexpire-when",
  cronRepeats: "keydb-cron-repeats",
} as const;
