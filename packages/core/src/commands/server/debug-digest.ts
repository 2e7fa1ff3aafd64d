/** DEBUG DIGEST and DIGEST-VALUE: signatures of the data, the same that Redis computes for the same data. */
import type { Context } from "../../command/context.ts";
import { scanKeys } from "../../keyspace/scan.ts";
import { addKeyDigest, Digest, valueDigest } from "../../types/digest.ts";

/** Keys looked at between two cursor positions. */
const STEP_KEYS = 256;

export function debugDigest(ctx: Context): void {
  const { keyspace } = ctx;
  const total = new Digest();
  for (let db = 0; db < keyspace.databases.count; db++) {
    if (keyspace.size(db) === 0) continue;
    total.mixU32(db);
    let from = 0;
    do {
      const keys: Buffer[] = [];
      from = scanKeys(keyspace, db, from, STEP_KEYS, (key, start, end) => {
        keys.push(Buffer.from(key.subarray(start, end)));
        return true;
      });
      for (const key of keys) addKeyDigest(keyspace, db, key, total);
    } while (from !== 0);
  }
  ctx.reply.simple(total.hex());
}

export function debugDigestValue(ctx: Context): void {
  const { args, reply } = ctx;
  reply.arrayHeader(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    reply.simple(valueDigest(ctx.keyspace, ctx.db, args.buffer, args.start(i), args.end(i)).hex());
  }
}
