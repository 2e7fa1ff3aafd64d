/** What the HyperLogLog commands share: reading and writing the string that holds one. */
import { CORRUPT_HLL, NOT_AN_HLL } from "../../base/errors.ts";
import type { Context } from "../../command/context.ts";
import { ENCODING_ID, type Entry, NO_EXPIRY } from "../../keyspace/entry.ts";
import { HyperLogLog } from "../../types/hyperloglog.ts";
import { RAW, readString, setString } from "../../types/string.ts";

/** The HyperLogLog of a string that a lookup just returned, good until the next; throws when it is none. */
export function readHll(ctx: Context, entry: Entry): HyperLogLog {
  const hll = entry.encoding === ENCODING_ID.int ? null : findHll(ctx, entry);
  if (hll === null) throw NOT_AN_HLL;
  return hll;
}

function findHll(ctx: Context, entry: Entry): HyperLogLog | null {
  const { keyspace } = ctx;
  if (entry.generation === 0) {
    return HyperLogLog.from(keyspace.store.valueBuffer, entry.payloadStart, entry.payloadEnd);
  }
  const string = readString(keyspace, entry);
  return HyperLogLog.from(string, 0, string.length);
}

/** Writes a HyperLogLog to the key in argument `i`, which had `old`; its expiry stays. */
export function saveHll(ctx: Context, i: number, old: Entry | null, hll: HyperLogLog): void {
  const { args, keyspace } = ctx;
  const { string } = hll;
  const expireAtMs = old === null ? NO_EXPIRY : old.expireAtMs;
  const key = args.buffer;
  setString(keyspace, ctx.db, key, args.start(i), args.end(i), old, string, 0, string.length, expireAtMs, RAW);
}

/** The result of a step on a HyperLogLog; throws when it found it corrupt. */
export function checkHll<T>(result: T | null): T {
  if (result === null) throw CORRUPT_HLL;
  return result;
}

/** `hll-sparse-max-bytes`. */
export function maxSparseBytes(ctx: Context): number {
  return ctx.server.config.number("hll-sparse-max-bytes");
}
