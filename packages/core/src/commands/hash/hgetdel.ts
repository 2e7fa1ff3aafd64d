/** HGETDEL (Redis 8.0). */

import { FIELD_COUNT_NOT_POSITIVE } from "../../base/errors.ts";
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { HASH } from "../../types/hash.ts";
import { readFieldList } from "./field-list.ts";
import { editHash } from "./hash-access.ts";
import { FIELDS } from "./hash-grammar.ts";

function handleHgetdel(ctx: Context): void {
  const { args, reply } = ctx;
  const old = ctx.lookupWrite(1, HASH);
  const first = readFieldList(ctx, 2, FIELD_COUNT_NOT_POSITIVE);
  reply.arrayHeader(args.count - first);
  const hash = old === null ? null : editHash(ctx, old);
  const deleted: number[] = [];
  for (let i = first; i < args.count; i++) {
    const value = hash === null ? null : hash.get(args.buffer, args.start(i), args.end(i));
    if (hash === null || value === null) reply.null();
    else {
      hash.delete(args.buffer, args.start(i), args.end(i));
      deleted.push(i);
      reply.bulk(value);
    }
  }
  hash?.finish();
  ctx.effects?.replace(["HDEL", args.bytes(1), ...deleted.map((i) => args.bytes(i))]);
  if (deleted.length > 0 && hash !== null) ctx.notifyRemoved(NOTIFY.hash, "hdel", 1, hash.size === 0);
}

export const hgetdel: CommandSpec = {
  name: "HGETDEL",
  group: "hash",
  since: "8.0.0",
  summary: "Reads the values of fields of a hash and deletes the fields.",
  complexity: "O(N), N being the number of fields.",
  arity: -5,
  flags: ["write", "fast"],
  keys: [keyAt(1, "RW", "access", "delete")],
  args: [KEY, FIELDS],
  handler: handleHgetdel,
};
