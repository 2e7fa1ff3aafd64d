/**
 * Which arguments of a request are keys, and what the command does with them: from the key specs, or from the command's
 * own `keysBy` where the specs do not suffice (Redis' getKeysFromCommandWithSpecs). For COMMAND GETKEYS, ACL and cluster
 * routing; not on the hot path of commands.
 */
import { parseInt64, parseSafeInt } from "../base/numbers.ts";
import type { Args } from "../resp/args.ts";
import type { KeyReference, KeySpec } from "./command-spec.ts";
import type { Command } from "./define-command.ts";

/** Whether a command can have keys at all. */
export function hasKeys(command: Command): boolean {
  return command.spec.keysBy !== undefined || keySpecs(command).length > 0;
}

/** The specs that describe keys (not the ones that only look like keys, such as channels of sharded pub/sub). */
function keySpecs(command: Command): readonly KeySpec[] {
  return (command.spec.keys ?? []).filter((spec) => !spec.flags.includes("not_key"));
}

/** The keys of a request whose argument 0 is the command's name. Null when the arguments make no sense. */
export function findKeys(command: Command, args: Args): readonly KeyReference[] | null {
  const specs = keySpecs(command);
  const { keysBy } = command.spec;
  const reliable = specs.length > 0 && !specs.some((spec) => spec.flags.includes("variable_flags"));
  if (reliable || keysBy === undefined) {
    const found = keysFromSpecs(command, specs, args);
    if (found !== null || keysBy === undefined) return found;
  }
  return keysBy(args);
}

/** The bytes of a key that `findKeys` found in `args`, borrowed. */
export function keyBytes(args: Args, { index, length }: KeyReference): Buffer {
  const bytes = args.bytes(index);
  return length === undefined ? bytes : bytes.subarray(0, length);
}

/** Null when a spec cannot be followed: the request is malformed, or the spec tells only a part. */
function keysFromSpecs(command: Command, specs: readonly KeySpec[], args: Args): KeyReference[] | null {
  const keys: KeyReference[] = [];
  for (const spec of specs) {
    const first = searchStart(spec, args);
    if (first === null) return null;
    if (first === 0) continue;
    const range = keyRangeFrom(spec, first, args);
    if (range === null || range.last >= args.count || range.last < range.first || range.first >= args.count)
      return null;
    for (let index = range.first; index <= range.last; index += range.step) keys.push({ index, flags: spec.flags });
    if (spec.flags.includes("incomplete")) return null;
  }
  return command.spec.keys === undefined ? null : keys;
}

/** Where a spec's keys begin; 0 when its keyword is absent; null when only the command itself knows. */
function searchStart(spec: KeySpec, args: Args): number | null {
  const begin = spec.beginSearch;
  if (begin.type === "index") return begin.index;
  if (begin.type === "unknown") return null;
  const word = begin.keyword.toLowerCase();
  const forward = begin.startFrom > 0;
  const step = forward ? 1 : -1;
  const end = forward ? args.count - 1 : 1;
  for (let i = forward ? begin.startFrom : args.count + begin.startFrom; i !== end; i += step) {
    if (i >= args.count || i < 1) break;
    if (args.is(i, word)) return i + 1;
  }
  return 0;
}

function keyRangeFrom(spec: KeySpec, first: number, args: Args): { first: number; last: number; step: number } | null {
  const find = spec.findKeys;
  if (find.type === "unknown") return null;
  if (find.type === "keynum") {
    const at = first + find.keyNumIdx;
    if (at >= args.count) return null;
    const count = keyCount(args, at);
    if (count < 0) return null;
    return { first: first + find.firstKey, last: first + find.firstKey + count - 1, step: find.keyStep };
  }
  let last: number;
  if (find.lastKey >= 0) last = first + find.lastKey;
  else if (find.limit === 0) last = args.count + find.lastKey;
  else last = first + Math.floor((args.count - first) / find.limit) + find.lastKey;
  return { first, last, step: find.keyStep };
}

/** Redis keeps the lower 32 bits of the count. */
function keyCount(args: Args, at: number): number {
  const count = parseSafeInt(args.buffer, args.start(at), args.end(at));
  if (!Number.isNaN(count)) return count < 0 ? -1 : count | 0;
  const large = parseInt64(args.buffer, args.start(at), args.end(at));
  return large === null || large < 0n ? -1 : Number(BigInt.asIntN(32, large));
}

/** First key, last key and step as old clients know them, and whether that is the whole truth. */
export interface LegacyKeyRange {
  readonly first: number;
  /** Negative: counted from the end. */
  readonly last: number;
  readonly step: number;
  /** The range does not tell all keys: COMMAND shows `movablekeys`. */
  readonly isPartial: boolean;
}

const NO_RANGE: LegacyKeyRange = { first: 0, last: 0, step: 0, isPartial: false };

/** Redis' populateCommandLegacyRangeSpec. */
export function legacyKeyRange(specs: readonly KeySpec[]): LegacyKeyRange {
  const [only] = specs;
  if (only === undefined) return NO_RANGE;
  if (specs.length === 1 && only.beginSearch.type === "index" && only.findKeys.type === "range") {
    const { index } = only.beginSearch;
    const { lastKey, keyStep } = only.findKeys;
    const last = lastKey >= 0 ? lastKey + index : lastKey;
    return { first: index, last, step: keyStep, isPartial: only.flags.includes("incomplete") };
  }
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  let previous = 0;
  let isPartial = false;
  for (const { beginSearch, findKeys, flags } of specs) {
    const plain = beginSearch.type === "index" && findKeys.type === "range" && findKeys.keyStep === 1;
    if (!plain || (previous !== 0 && previous !== beginSearch.index - 1)) {
      isPartial = true;
      continue;
    }
    if (flags.includes("incomplete")) isPartial = true;
    first = Math.min(first, beginSearch.index);
    const absolute = findKeys.lastKey >= 0 ? findKeys.lastKey + beginSearch.index : findKeys.lastKey;
    last = later(last, absolute);
    previous = last;
  }
  return first === Number.POSITIVE_INFINITY ? { ...NO_RANGE, isPartial: true } : { first, last, step: 1, isPartial };
}

/** The later of two last keys: one counted from the end (negative) is beyond any counted from the start. */
function later(a: number, b: number): number {
  return a >>> 0 > b >>> 0 ? a : b;
}
