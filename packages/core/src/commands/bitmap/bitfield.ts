/** BITFIELD and BITFIELD_RO: integers of any width anywhere in a string. */

import {
  type BitfieldOverflow,
  type BitfieldType,
  bitfieldGet,
  bitfieldIncrBy,
  bitfieldSet,
  type Int64,
  parseBitfieldType,
} from "../../base/bitfield.ts";
import {
  BITFIELD_OVERFLOW_INVALID,
  BITFIELD_RO_ONLY_GET,
  BITFIELD_TYPE_INVALID,
  SYNTAX_ERROR,
} from "../../base/errors.ts";
import { KEY, oneOf, token } from "../../command/arg-grammar.ts";
import { type CommandSpec, type KeyReference, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import type { Args } from "../../resp/args.ts";
import { RAW, STRING } from "../../types/string.ts";
import { StringEditor, WINDOW_BYTES } from "../../types/string-editor.ts";
import { bitOffset } from "./bit-offset.ts";

interface Operation {
  readonly kind: "get" | "set" | "incrby";
  readonly type: BitfieldType;
  readonly offset: number;
  /** Value of SET, increment of INCRBY; 0 for GET. */
  readonly operand: Int64;
  readonly overflow: BitfieldOverflow;
}

/** Reads all operations before any is done: an error in the last one leaves the string alone. */
function readOperations(ctx: Context): Operation[] {
  const { args } = ctx;
  const operations: Operation[] = [];
  let overflow: BitfieldOverflow = "wrap";
  for (let i = 2; i < args.count; ) {
    const left = args.count - i - 1;
    if (args.is(i, "overflow") && left >= 1) {
      overflow = readOverflow(ctx, i + 1);
      i += 2;
      continue;
    }
    const kind = readKind(ctx, i, left);
    const type = parseBitfieldType(args.buffer, args.start(i + 1), args.end(i + 1));
    if (type === null) throw BITFIELD_TYPE_INVALID;
    const offset = bitOffset(ctx, i + 2, type.bits);
    const operand = kind === "get" ? 0 : readInt64(ctx, i + 3);
    operations.push({ kind, type, offset, operand, overflow });
    i += kind === "get" ? 3 : 4;
  }
  return operations;
}

function readKind(ctx: Context, i: number, left: number): Operation["kind"] {
  const { args } = ctx;
  if (args.is(i, "get") && left >= 2) return "get";
  if (args.is(i, "set") && left >= 3) return "set";
  if (args.is(i, "incrby") && left >= 3) return "incrby";
  throw SYNTAX_ERROR;
}

function readOverflow(ctx: Context, i: number): BitfieldOverflow {
  const { args } = ctx;
  if (args.is(i, "wrap")) return "wrap";
  if (args.is(i, "sat")) return "sat";
  if (args.is(i, "fail")) return "fail";
  throw BITFIELD_OVERFLOW_INVALID;
}

function readInt64(ctx: Context, i: number): Int64 {
  const safe = ctx.args.safeInt(i);
  return Number.isNaN(safe) ? ctx.args.int64(i) : safe;
}

function reply(ctx: Context, value: Int64 | null): void {
  if (value === null) ctx.reply.null();
  else ctx.reply.integer(value);
}

function handleBitfield(ctx: Context): void {
  const operations = readOperations(ctx);
  let highest = -1;
  for (const { kind, offset, type } of operations) {
    if (kind !== "get") highest = Math.max(highest, offset + type.bits - 1);
  }
  if (highest < 0) replyFields(ctx, operations);
  else changeFields(ctx, operations, Math.floor(highest / 8) + 1);
}

function handleBitfieldRo(ctx: Context): void {
  const operations = readOperations(ctx);
  if (operations.some(({ kind }) => kind !== "get")) throw BITFIELD_RO_ONLY_GET;
  replyFields(ctx, operations);
}

function replyFields(ctx: Context, operations: readonly Operation[]): void {
  const editor = new StringEditor(ctx.keyspace, ctx.lookupRead(1, STRING), 0);
  ctx.reply.arrayHeader(operations.length);
  for (const { offset, type } of operations) {
    editor.load(Math.floor(offset / 8));
    reply(ctx, bitfieldGet(editor.window, WINDOW_BYTES, offset % 8, type));
  }
}

function changeFields(ctx: Context, operations: readonly Operation[], length: number): void {
  const { args, keyspace } = ctx;
  const db = ctx.client.db;
  const entry = ctx.lookupWrite(1, STRING);
  const editor = new StringEditor(keyspace, entry, length);
  const wasRaw = entry === null || entry.encoding === RAW;
  ctx.reply.arrayHeader(operations.length);
  let changes = 0;
  for (const operation of operations) {
    const { kind, offset, type, operand, overflow } = operation;
    const start = Math.floor(offset / 8);
    const skip = offset % 8;
    editor.load(start);
    if (kind === "get") {
      reply(ctx, bitfieldGet(editor.window, WINDOW_BYTES, skip, type));
      continue;
    }
    const change = kind === "set" ? bitfieldSet : bitfieldIncrBy;
    const result = change(editor.window, skip, type, operand, overflow);
    reply(ctx, result.reply);
    if (result.changed) editor.store(start, Math.ceil((skip + type.bits) / 8));
    if (result.changed || (editor.hasGrown && result.reply !== null)) changes++;
  }
  if (changes > 0 || editor.hasGrown) {
    editor.flush(db, args.buffer, args.start(1), args.end(1));
  } else if (!wasRaw) {
    const now = keyspace.find(db, args.buffer, args.start(1), args.end(1));
    if (now !== null) keyspace.setEncoding(db, args.buffer, args.start(1), args.end(1), now, RAW);
  }
  if (changes > 0) ctx.notify(NOTIFY.string, "setbit", 1);
  if (changes > 1) keyspace.dirty += changes - 1;
}

/** Whether all operations are GET. Those that make no sense count as writing ones. */
function onlyReads(args: Args): boolean {
  for (let i = 2; i < args.count; ) {
    const left = args.count - i - 1;
    if (args.is(i, "get") && left >= 2) i += 3;
    else if (args.is(i, "overflow") && left >= 1) i += 2;
    else return false;
  }
  return true;
}

function keysOf(args: Args): KeyReference[] {
  return [{ index: 1, flags: onlyReads(args) ? ["RO", "access"] : ["RW", "access", "update"] }];
}

export const bitfield: CommandSpec = {
  name: "BITFIELD",
  group: "bitmap",
  since: "3.2.0",
  summary: "Reads, sets and increments integers of any width at any bit offset of a string.",
  complexity: "O(1) per operation",
  arity: -2,
  flags: ["write", "denyoom"],
  keys: [
    {
      ...keyAt(1, "RW", "update", "access", "variable_flags"),
      notes: "The operations decide whether the key is read, changed or both",
    },
  ],
  keysBy: keysOf,
  accessBy: (_client, args) => (onlyReads(args) ? "read" : "write"),
  args: [
    KEY,
    {
      name: "operation",
      type: "oneof",
      flags: ["optional", "multiple"],
      args: [
        {
          name: "get-block",
          type: "block",
          token: "GET",
          args: [
            { name: "encoding", type: "string" },
            { name: "offset", type: "integer" },
          ],
        },
        {
          name: "write",
          type: "block",
          args: [
            {
              name: "overflow-block",
              type: "oneof",
              token: "OVERFLOW",
              flags: ["optional"],
              args: [token("WRAP"), token("SAT"), token("FAIL")],
            },
            oneOf("write-operation", [
              {
                name: "set-block",
                type: "block",
                token: "SET",
                args: [
                  { name: "encoding", type: "string" },
                  { name: "offset", type: "integer" },
                  { name: "value", type: "integer" },
                ],
              },
              {
                name: "incrby-block",
                type: "block",
                token: "INCRBY",
                args: [
                  { name: "encoding", type: "string" },
                  { name: "offset", type: "integer" },
                  { name: "increment", type: "integer" },
                ],
              },
            ]),
          ],
        },
      ],
    },
  ],
  handler: handleBitfield,
};

export const bitfieldRo: CommandSpec = {
  name: "BITFIELD_RO",
  group: "bitmap",
  since: "6.0.0",
  summary: "Reads integers of any width at any bit offset of a string.",
  complexity: "O(1) per operation",
  arity: -2,
  flags: ["readonly", "fast"],
  keys: [keyAt(1, "RO", "access")],
  args: [
    KEY,
    {
      name: "get-block",
      type: "block",
      token: "GET",
      flags: ["optional", "multiple", "multiple_token"],
      args: [
        { name: "encoding", type: "string" },
        { name: "offset", type: "integer" },
      ],
    },
  ],
  handler: handleBitfieldRo,
};
