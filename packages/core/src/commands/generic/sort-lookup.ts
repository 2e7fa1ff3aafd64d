/** SORT's look-ups in other keys: `weight_*`, `object_*->field`, `#`. */
import type { Context } from "../../command/context.ts";
import { TYPE_ID } from "../../keyspace/entry.ts";
import { HashReader } from "../../types/hash.ts";
import { ownValue } from "../../types/keyed-elements.ts";
import { readString } from "../../types/string.ts";

const STAR = 42;
const ARROW = Buffer.from("->");

/**
 * The value that a pattern names for an element, as an own copy: the element itself for `#`, a string key, or the field
 * of a hash. Null when there is none, when the pattern has no '*', and when the key is of another type.
 */
export function readByPattern(ctx: Context, pattern: Buffer, element: Buffer): Buffer | null {
  if (pattern.length === 1 && pattern[0] === 35) return element;
  const star = pattern.indexOf(STAR);
  if (star < 0) return null;
  const arrow = pattern.indexOf(ARROW, star + 1);
  const isField = arrow >= 0 && arrow + 2 < pattern.length;
  const key = Buffer.concat([
    pattern.subarray(0, star),
    element,
    pattern.subarray(star + 1, isField ? arrow : pattern.length),
  ]);
  ctx.keyspace.forgetRow();
  const entry = ctx.lookupReadKey(key, 0, key.length);
  if (entry === null) return null;
  if (!isField) return entry.type === TYPE_ID.string ? readString(ctx.keyspace, entry) : null;
  if (entry.type !== TYPE_ID.hash) return null;
  const reader = new HashReader(ctx.keyspace, entry);
  const field = pattern.subarray(arrow + 2);
  if (!reader.find(field, 0, field.length)) return null;
  return ownValue(ctx.keyspace, entry.generation, reader.element);
}
