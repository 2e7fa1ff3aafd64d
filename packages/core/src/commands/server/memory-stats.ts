/** MEMORY STATS. */
import type { Context } from "../../command/context.ts";

/** Bytes of the rows of a key and of an expiry that are neither key nor value: table, database, hash, record header. */
const KEY_ROW_BYTES = 32;
const EXPIRES_ROW_BYTES = 29;

export function replyMemoryStats(ctx: Context): void {
  const { keyspace, reply } = ctx;
  const facts = ctx.server.introspection.memory();
  const scripts = ctx.server.scripting.memory();
  const databases: Array<{ db: number; keys: number; expires: number }> = [];
  let keys = 0;
  for (let db = 0; db < keyspace.databases.count; db++) {
    const counts = keyspace.databases.countsOf(keyspace.epochOf(db));
    keyspace.forgetRow();
    keys += counts.keys;
    if (counts.keys > 0) databases.push({ db, keys: counts.keys, expires: counts.expires });
  }
  const net = Math.max(0, facts.used - facts.startup);
  let fields = 0;
  const mark = reply.deferred();
  const integer = (name: string, value: number): void => {
    fields++;
    reply.bulkText(name);
    reply.integer(Math.round(value));
  };
  const double = (name: string, value: number): void => {
    fields++;
    reply.bulkText(name);
    reply.double(Number.isFinite(value) ? value : 0);
  };
  integer("peak.allocated", facts.peak);
  integer("total.allocated", facts.used);
  integer("startup.allocated", facts.startup);
  integer("replication.backlog", 0);
  integer("clients.slaves", 0);
  integer("clients.normal", facts.clientsNormal);
  integer("cluster.links", 0);
  integer("aof.buffer", 0);
  integer("lua.caches", scripts.scriptBytes);
  integer("functions.caches", scripts.functionBytes);
  for (const { db, keys: count, expires } of databases) {
    fields++;
    reply.bulkText(`db.${db}`);
    reply.mapHeader(3);
    reply.bulkText("overhead.hashtable.main");
    reply.integer(count * KEY_ROW_BYTES);
    reply.bulkText("overhead.hashtable.expires");
    reply.integer(expires * EXPIRES_ROW_BYTES);
    reply.bulkText("overhead.hashtable.slot-to-keys");
    reply.integer(0);
  }
  integer("overhead.total", facts.overhead);
  integer("keys.count", keys);
  integer("keys.bytes-per-key", keys === 0 ? 0 : facts.dataset / keys);
  integer("dataset.bytes", facts.dataset);
  double("dataset.percentage", net === 0 ? 0 : Math.min(100, (facts.dataset / net) * 100));
  double("peak.percentage", (facts.used / facts.peak) * 100);
  integer("allocator.allocated", facts.heapUsed);
  integer("allocator.active", facts.heapTotal);
  integer("allocator.resident", facts.resident);
  double("allocator-fragmentation.ratio", facts.heapTotal / facts.heapUsed);
  integer("allocator-fragmentation.bytes", facts.heapTotal - facts.heapUsed);
  double("allocator-rss.ratio", facts.resident / facts.heapTotal);
  integer("allocator-rss.bytes", facts.resident - facts.heapTotal);
  double("rss-overhead.ratio", 1);
  integer("rss-overhead.bytes", 0);
  double("fragmentation", facts.resident / facts.used);
  integer("fragmentation.bytes", facts.resident - facts.used);
  reply.endDeferred(mark, "map", fields);
}
