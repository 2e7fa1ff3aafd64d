/** HPERSIST (Redis 7.4). */

import { FIELD_COUNT_NOT_POSITIVE } from "../../base/errors.ts";
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { NO_EXPIRY } from "../../keyspace/entry.ts";
import { HASH } from "../../types/hash.ts";
import { readFieldList } from "./field-list.ts";
import { editHash } from "./hash-access.ts";
import { FIELDS } from "./hash-grammar.ts";
import { NO_DEADLINE, NO_FIELD } from "./httl.ts";

const PERSISTED = 1;

function handleHpersist(ctx: Context): void {
  const { args, reply } = ctx;
  const old = ctx.lookupWrite(1, HASH);
  const first = readFieldList(ctx, 2, FIELD_COUNT_NOT_POSITIVE);
  reply.arrayHeader(args.count - first);
  const hash = old === null ? null : editHash(ctx, old);
  let changed = false;
  for (let i = first; i < args.count; i++) {
    const present = hash === null ? null : hash.deadline(args.buffer, args.start(i), args.end(i));
    if (hash === null || present === null) reply.integer(NO_FIELD);
    else if (present === NO_EXPIRY) reply.integer(NO_DEADLINE);
    else {
      hash.setDeadline(args.buffer, args.start(i), args.end(i), NO_EXPIRY);
      changed = true;
      reply.integer(PERSISTED);
    }
  }
  hash?.finish();
  if (changed) ctx.notify(NOTIFY.hash, "hpersist", 1);
}

export const hpersist: CommandSpec = {
  name: "HPERSIST",
  group: "hash",
  since: "7.4.0",
  summary: "Takes the expiry off fields of a hash.",
  complexity: "O(N), N being the number of fields.",
  arity: -5,
  flags: ["write", "fast"],
  keys: [keyAt(1, "RW", "update")],
  args: [KEY, FIELDS],
  handler: handleHpersist,
};
