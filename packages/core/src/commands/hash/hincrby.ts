import { HASH_NOT_AN_INTEGER, INCREMENT_OVERFLOW, NOT_AN_INTEGER } from "../../base/errors.ts";
import {
  INT64_MAX,
  INT64_MIN,
  MAX_INT64_CHARS,
  parseInt64,
  parseSafeInt,
  writeBigint,
  writeInt,
} from "../../base/numbers.ts";
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { editHash } from "./hash-access.ts";

function handleHincrby(ctx: Context): void {
  const { args } = ctx;
  const b = args.buffer;
  const near = args.safeInt(3);
  const increment = Number.isNaN(near) ? args.int64(3, NOT_AN_INTEGER) : near;
  const hash = editHash(ctx);
  const value = hash.get(b, args.start(2), args.end(2));
  const sum = value === null ? increment : add(value, increment);
  const text = Buffer.allocUnsafe(MAX_INT64_CHARS);
  const end = typeof sum === "number" ? writeInt(text, 0, sum) : writeBigint(text, 0, sum);
  hash.set(b, args.start(2), args.end(2), text, 0, end, true);
  hash.finish();
  ctx.notify(NOTIFY.hash, "hincrby", 1);
  ctx.reply.integer(sum);
}

/** No bigint as long as both and the sum are safe integers. */
function add(value: Buffer, increment: number | bigint): number | bigint {
  if (typeof increment === "number") {
    const sum = parseSafeInt(value, 0, value.length) + increment;
    if (Number.isSafeInteger(sum)) return sum;
  }
  const base = parseInt64(value, 0, value.length);
  if (base === null) throw HASH_NOT_AN_INTEGER;
  const sum = base + BigInt(increment);
  if (sum > INT64_MAX || sum < INT64_MIN) throw INCREMENT_OVERFLOW;
  return sum;
}

export const hincrby: CommandSpec = {
  name: "HINCRBY",
  group: "hash",
  since: "2.0.0",
  summary: "Adds to the integer in a field of a hash, which counts as 0 when missing.",
  complexity: "O(1)",
  arity: 4,
  flags: ["write", "denyoom", "fast"],
  keys: [keyAt(1, "RW", "access", "update")],
  args: [KEY, { name: "field", type: "string" }, { name: "increment", type: "integer" }],
  handler: handleHincrby,
};
