/** HINCRBYFLOAT, in the 80-bit floats that Redis calculates with. */

import { HASH_NOT_A_FLOAT, NAN_OR_INFINITY, NOT_A_FLOAT, VALUE_NAN_OR_INFINITY } from "../../base/errors.ts";
import { addLongDouble, formatLongDouble, parseLongDouble, sumShortDecimals } from "../../base/long-double.ts";
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { editHash } from "./hash-access.ts";

const ZERO = Buffer.from("0");

function handleHincrbyfloat(ctx: Context): void {
  const { args } = ctx;
  const b = args.buffer;
  const increment = parseLongDouble(b, args.start(3), args.end(3));
  if (increment === null) throw NOT_A_FLOAT;
  if (increment.kind !== "finite") throw VALUE_NAN_OR_INFINITY;
  const hash = editHash(ctx);
  const value = hash.get(b, args.start(2), args.end(2)) ?? ZERO;
  const text = Buffer.from(sum(value, b, args.start(3), args.end(3)), "latin1");
  hash.set(b, args.start(2), args.end(2), text, 0, text.length, true);
  hash.finish();
  ctx.notify(NOTIFY.hash, "hincrbyfloat", 1);
  ctx.effects?.replace(["HSET", args.bytes(1), args.bytes(2), text]);
  ctx.reply.bulk(text);
}

function sum(value: Buffer, ib: Buffer, is: number, ie: number): string {
  const short = sumShortDecimals(value, 0, value.length, ib, is, ie);
  if (short !== null) return short;
  const base = parseLongDouble(value, 0, value.length);
  const increment = parseLongDouble(ib, is, ie);
  if (base === null || increment === null) throw HASH_NOT_A_FLOAT;
  const total = addLongDouble(base, increment);
  if (total.kind !== "finite") throw NAN_OR_INFINITY;
  return formatLongDouble(total);
}

export const hincrbyfloat: CommandSpec = {
  name: "HINCRBYFLOAT",
  group: "hash",
  since: "2.6.0",
  summary: "Adds to the number in a field of a hash, which counts as 0 when missing.",
  complexity: "O(1)",
  arity: 4,
  flags: ["write", "denyoom", "fast"],
  keys: [keyAt(1, "RW", "access", "update")],
  args: [KEY, { name: "field", type: "string" }, { name: "increment", type: "double" }],
  handler: handleHincrbyfloat,
};
