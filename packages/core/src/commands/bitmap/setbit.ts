/** SETBIT: rewrites one chunk of a large value. */

import { BIT_NOT_AN_INTEGER } from "../../base/errors.ts";
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { copyString, RAW, STRING, setStringRange, stringLength } from "../../types/string.ts";
import { bitOffset } from "./bit-offset.ts";

function handleSetbit(ctx: Context): void {
  const { args, keyspace } = ctx;
  const offset = bitOffset(ctx, 2);
  const bit = args.int(3, BIT_NOT_AN_INTEGER, 0, 1);
  const old = ctx.lookupWrite(1, STRING);
  const at = Math.floor(offset / 8);
  const byte = Buffer.alloc(1);
  const isInside = old !== null && at < stringLength(old);
  if (isInside) copyString(keyspace, old, at, at + 1, byte, 0);
  const shift = 7 - (offset % 8);
  const before = ((byte[0] as number) >> shift) & 1;
  const b = args.buffer;
  const db = ctx.client.db;
  if (!isInside || before !== bit) {
    byte[0] = ((byte[0] as number) & ~(1 << shift)) | (bit << shift);
    setStringRange(keyspace, db, b, args.start(1), args.end(1), old, at, byte, 0, 1);
    ctx.notify(NOTIFY.string, "setbit", 1);
  } else if (old.encoding !== RAW) {
    // No change, but Redis holds the value as raw from now on.
    keyspace.setEncoding(db, b, args.start(1), args.end(1), old, RAW);
  }
  ctx.reply.integer(before);
}

export const setbit: CommandSpec = {
  name: "SETBIT",
  group: "bitmap",
  since: "2.2.0",
  summary: "Sets or clears one bit of a string, which grows as needed, and replies its old value.",
  complexity: "O(1)",
  arity: 4,
  flags: ["write", "denyoom"],
  keys: [keyAt(1, "RW", "access", "update")],
  args: [KEY, { name: "offset", type: "integer" }, { name: "value", type: "integer" }],
  handler: handleSetbit,
};
