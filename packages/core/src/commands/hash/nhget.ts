/** KeyDB's KEYDB.NHGET; unlike there a dictionary of one entry is a list of one pair too. */
import { NO_SUCH_KEY, SYNTAX_ERROR, WRONGTYPE } from "../../base/errors.ts";
import { oneOf, optional, token } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import type { Entry } from "../../keyspace/entry.ts";
import { NESTED, type NestedNode, nestedAt, nestedJson, readNested } from "../../types/nested-hash.ts";
import { readString, STRING } from "../../types/string.ts";
import { PATH_NOTES, pathKey, readNestedPath } from "./nested-path.ts";

function handleNhget(ctx: Context): void {
  const { args } = ctx;
  if (args.count > 3) throw SYNTAX_ERROR;
  const pathAt = args.count - 1;
  const isJson = args.count === 3 && args.is(1, "json");
  if (args.count === 3 && !isJson && !args.is(1, "resp")) throw SYNTAX_ERROR;
  const { keyEnd, names } = readNestedPath(ctx, pathAt);
  const entry = ctx.lookupReadKey(args.buffer, args.start(pathAt), keyEnd);
  const node = entry === null ? null : nestedAt(readRoot(ctx, entry), names);
  if (node === null) throw NO_SUCH_KEY;
  if (isJson) ctx.reply.bulk(nestedJson(node));
  else replyNode(ctx, node);
}

/** A plain string is a nested hash that is nothing but a text. */
function readRoot({ keyspace }: Context, entry: Entry): NestedNode {
  if (entry.type === STRING) return readString(keyspace, entry);
  if (entry.type !== NESTED) throw WRONGTYPE;
  return readNested(keyspace, entry);
}

function replyNode(ctx: Context, node: NestedNode): void {
  const { reply } = ctx;
  if (Buffer.isBuffer(node)) {
    reply.bulk(node);
  } else if (node instanceof Map) {
    reply.arrayHeader(node.size);
    for (const [name, value] of node) {
      reply.arrayHeader(2);
      reply.bulk(Buffer.from(name, "latin1"));
      replyNode(ctx, value);
    }
  } else {
    reply.arrayHeader(node.length);
    for (const text of node) reply.bulk(text);
  }
}

export const keydbNhget: CommandSpec = {
  name: "KEYDB.NHGET",
  group: "hash",
  since: "6.3.0",
  summary: "Replies what lies at a path of a nested hash, as RESP or as JSON (KeyDB).",
  complexity: "O(N), N being the size of the nested hash.",
  arity: -2,
  flags: ["readonly", "fast"],
  keys: [{ ...keyAt(1, "RO", "access", "incomplete"), notes: PATH_NOTES }],
  keysBy: (args) => pathKey(args, args.count - 1, ["RO", "access"]),
  args: [optional(oneOf("format", [token("JSON"), token("RESP")])), { name: "path", type: "key", keySpecIndex: 0 }],
  handler: handleNhget,
};
