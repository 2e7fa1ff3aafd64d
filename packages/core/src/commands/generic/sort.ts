/**
 * SORT and SORT_RO: the elements of a list, set or sorted set in an order, perhaps with values of other keys. Order among
 * equals and the rules for sets and sorted sets are those of Redis' sortCommandGeneric.
 */

import { parseDoubleLax } from "../../base/double-parse.ts";
import { SCORES_NOT_DOUBLES, WRONGTYPE } from "../../base/errors.ts";
import { KEY, oneOf, optional, token } from "../../command/arg-grammar.ts";
import { type ArgSpec, type CommandSpec, type KeySpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { NO_EXPIRY, TYPE_ID } from "../../keyspace/entry.ts";
import { eachElement, List, listLimits } from "../../types/list.ts";
import { openMemberSource } from "../../types/member-source.ts";
import { limitsOf } from "../list/list-access.ts";
import { readSortOptions, type SortOptions, sortKeys } from "./sort-args.ts";
import { readByPattern } from "./sort-lookup.ts";

interface Item {
  readonly element: Buffer;
  score: number;
  /** What BY found, for ALPHA. */
  text: Buffer | null;
}

/** All elements in the type's own order; for a sorted set by rank. */
function readElements(ctx: Context): { items: Buffer[]; type: number } {
  const entry = ctx.lookupRead(1);
  const items: Buffer[] = [];
  if (entry === null) return { items, type: TYPE_ID.list };
  const { type } = entry;
  if (type === TYPE_ID.list) {
    eachElement(ctx.keyspace, entry, (buffer, start, end) => items.push(Buffer.from(buffer.subarray(start, end))));
  } else if (type === TYPE_ID.set || type === TYPE_ID.zset) {
    const source = openMemberSource(ctx.keyspace, entry);
    while (source.next()) items.push(Buffer.from(source.buffer.subarray(source.start, source.end)));
    source.release();
  } else throw WRONGTYPE;
  return { items, type };
}

function weigh(ctx: Context, items: readonly Buffer[], options: SortOptions): Item[] {
  return items.map((element) => {
    const item: Item = { element, score: 0, text: null };
    const weight = options.by === null ? element : readByPattern(ctx, options.by, element);
    if (options.alpha) item.text = options.storeArg === 0 ? collated(weight) : weight;
    else if (weight !== null) item.score = readScore(weight);
    return item;
  });
}

/** What is compared of a text that is only replied, not stored: Redis uses strcoll then, which ends at a zero byte. */
function collated(text: Buffer | null): Buffer | null {
  const end = text === null ? -1 : text.indexOf(0);
  return text === null || end < 0 ? text : text.subarray(0, end);
}

/** As strtod with nothing behind it and within its range (ERANGE); Redis accepts leading blanks here. */
function readScore(bytes: Buffer): number {
  const score = bytes.length === 0 ? 0 : parseDoubleLax(bytes, 0, bytes.length);
  if (Number.isNaN(score) || isOutOfRange(score, bytes)) throw SCORES_NOT_DOUBLES;
  return score;
}

/** The least number that has all its digits. */
const LEAST_NORMAL = 2.2250738585072014e-308;

/** Whether strtod would say that the text's number is too large or too small. */
function isOutOfRange(score: number, bytes: Buffer): boolean {
  if (Math.abs(score) >= LEAST_NORMAL && Number.isFinite(score)) return false;
  const text = bytes.toString("latin1");
  // Zero: was there a digit that is none?
  if (score === 0) return /0x/i.test(text) ? /x[^p]*[1-9a-f]/i.test(text) : /^[^e]*[1-9]/i.test(text);
  return Number.isFinite(score) || !/inf/i.test(text);
}

function compareItems(a: Item, b: Item, options: SortOptions): number {
  if (!options.alpha) {
    if (a.score !== b.score) return a.score < b.score ? -1 : 1;
    return Buffer.compare(a.element, b.element);
  }
  if (a.text === null || b.text === null) return a.text === b.text ? 0 : a.text === null ? -1 : 1;
  return Buffer.compare(a.text, b.text);
}

/** The part of the sorted elements that LIMIT leaves. */
function limited(items: readonly Buffer[], options: SortOptions): readonly Buffer[] {
  const from = Math.max(0, options.offset);
  return options.count < 0 ? items.slice(from) : items.slice(from, from + options.count);
}

function sortElements(ctx: Context, options: SortOptions): readonly Buffer[] {
  const { items, type } = readElements(ctx);
  let rules = options;
  // The order of a set is nobody's promise: what is stored or seen by a script must not depend on it.
  if (options.unsorted && type === TYPE_ID.set && (options.storeArg !== 0 || ctx.inScript)) {
    rules = { ...options, unsorted: false, alpha: true, by: null };
  }
  if (!rules.unsorted) {
    const weighed = weigh(ctx, items, rules);
    weighed.sort((a, b) => (rules.descending ? compareItems(b, a, rules) : compareItems(a, b, rules)));
    return limited(
      weighed.map((item) => item.element),
      rules,
    );
  }
  return limited(type !== TYPE_ID.set && rules.descending ? items.reverse() : items, rules);
}

function replySorted(ctx: Context, elements: readonly Buffer[], options: SortOptions): void {
  const { reply } = ctx;
  if (options.get.length === 0) {
    reply.arrayHeader(elements.length);
    for (const element of elements) reply.bulk(element);
    return;
  }
  reply.arrayHeader(elements.length * options.get.length);
  for (const element of elements) {
    for (const pattern of options.get) {
      const value = readByPattern(ctx, pattern, element);
      if (value === null) reply.null();
      else reply.bulk(value);
    }
  }
}

/** `list-max-listpack-size` of a list while it is filled, whatever is configured (quicklistCreate). */
const STORED_FILL = -2;

/** Puts what would have been replied into a list; nothing found is an empty element. */
function storeSorted(ctx: Context, elements: readonly Buffer[], options: SortOptions): void {
  const { args, keyspace } = ctx;
  const values: Buffer[] = [];
  for (const element of elements) {
    if (options.get.length === 0) values.push(element);
    else for (const pattern of options.get) values.push(readByPattern(ctx, pattern, element) ?? Buffer.alloc(0));
  }
  keyspace.forgetRow();
  const list = new List(keyspace, null);
  list.makeQuicklist(listLimits(STORED_FILL));
  for (const value of values) list.push(false, value, 0, value.length);
  list.convertBuilt(limitsOf(ctx));
  const old = ctx.lookupWrite(options.storeArg);
  const start = args.start(options.storeArg);
  list.saveAs(ctx.db, args.buffer, start, args.end(options.storeArg), old, NO_EXPIRY);
  list.release();
  if (values.length > 0) ctx.notify(NOTIFY.list, "sortstore", options.storeArg);
  else if (old !== null) ctx.notify(NOTIFY.generic, "del", options.storeArg);
  ctx.reply.integer(values.length);
}

function handleSort(ctx: Context): void {
  const options = readSortOptions(ctx, true);
  const elements = sortElements(ctx, options);
  if (options.storeArg === 0) replySorted(ctx, elements, options);
  else storeSorted(ctx, elements, options);
}

function handleSortRo(ctx: Context): void {
  const options = readSortOptions(ctx, false);
  replySorted(ctx, sortElements(ctx, options), options);
}

const UNKNOWN_KEYS: Omit<KeySpec, "flags" | "notes"> = {
  beginSearch: { type: "unknown" },
  findKeys: { type: "unknown" },
};
const PATTERN_KEYS: KeySpec = {
  ...UNKNOWN_KEYS,
  flags: ["RO", "access"],
  notes:
    "For the optional BY/GET keyword. It is marked 'unknown' because the key names derive from the content of the key we sort",
};

const SORT_ARGS: readonly ArgSpec[] = [
  KEY,
  { name: "by-pattern", display: "pattern", type: "pattern", token: "BY", keySpecIndex: 1, flags: ["optional"] },
  {
    name: "limit",
    type: "block",
    token: "LIMIT",
    flags: ["optional"],
    args: [
      { name: "offset", type: "integer" },
      { name: "count", type: "integer" },
    ],
  },
  {
    name: "get-pattern",
    display: "pattern",
    type: "pattern",
    token: "GET",
    keySpecIndex: 1,
    flags: ["optional", "multiple", "multiple_token"],
  },
  optional(oneOf("order", [token("ASC"), token("DESC")])),
  { name: "sorting", type: "pure-token", token: "ALPHA", flags: ["optional"] },
];

const COMPLEXITY =
  "O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the number of returned elements. When the elements are not sorted, complexity is O(N).";

export const sort: CommandSpec = {
  name: "SORT",
  group: "generic",
  since: "1.0.0",
  summary: "Sorts the elements of a list, set or sorted set, and replies or stores them.",
  complexity: COMPLEXITY,
  arity: -2,
  flags: ["write", "denyoom"],
  aclExtra: ["set", "sortedset", "list", "dangerous"],
  noGroupCategory: true,
  keys: [
    keyAt(1, "RO", "access"),
    PATTERN_KEYS,
    {
      ...UNKNOWN_KEYS,
      flags: ["OW", "update"],
      notes:
        "For the optional STORE keyword. It is marked 'unknown' because the keyword can appear anywhere in the argument array",
    },
  ],
  keysBy: sortKeys,
  args: [...SORT_ARGS, { name: "destination", type: "key", token: "STORE", keySpecIndex: 2, flags: ["optional"] }],
  handler: handleSort,
};

export const sortRo: CommandSpec = {
  name: "SORT_RO",
  group: "generic",
  since: "7.0.0",
  summary: "Replies the sorted elements of a list, set or sorted set.",
  complexity: COMPLEXITY,
  arity: -2,
  flags: ["readonly"],
  aclExtra: ["set", "sortedset", "list", "dangerous"],
  noGroupCategory: true,
  keys: [keyAt(1, "RO", "access"), PATTERN_KEYS],
  keysBy: () => [{ index: 1, flags: ["RO", "access"] }],
  args: SORT_ARGS,
  handler: handleSortRo,
};
