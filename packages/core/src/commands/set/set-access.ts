/** What set commands share: opening for change, sets as inputs of operations. */

import type { Context } from "../../command/context.ts";
import type { Entry } from "../../keyspace/entry.ts";
import type { SetLimits } from "../../types/collection-limits.ts";
import { SET } from "../../types/set.ts";
import { initialSetEncoding, SetEditor } from "../../types/set-editor.ts";
import { SetSource } from "../../types/set-source.ts";

/** Redis holds no more in an intset, whatever is configured. */
const INTSET_ENTRIES_MAX = 2 ** 30;

export function setLimits(ctx: Context): SetLimits {
  const { config } = ctx.server;
  return {
    maxIntset: Math.min(INTSET_ENTRIES_MAX, config.number("set-max-intset-entries")),
    maxEntries: config.number("set-max-listpack-entries"),
    maxValue: config.number("set-max-listpack-value"),
  };
}

/** Opens the existing set at the key in argument `i`, which a lookup just returned as `old`, for change. */
export function editSet(ctx: Context, i: number, old: Entry): SetEditor {
  const { args } = ctx;
  const db = ctx.client.db;
  return new SetEditor(ctx.keyspace, setLimits(ctx), db, args.buffer, args.start(i), args.end(i), old);
}

/**
 * Opens the set at the key in argument `i` for adding `sizeHint` members, the first of them argument `member`. `old` is
 * what a lookup just returned for the key.
 */
export function extendSet(ctx: Context, i: number, old: Entry | null, member: number, sizeHint: number): SetEditor {
  const { args } = ctx;
  const b = args.buffer;
  const limits = setLimits(ctx);
  const encoding = initialSetEncoding(limits, b, args.start(member), args.end(member), sizeHint);
  return new SetEditor(ctx.keyspace, limits, ctx.client.db, b, args.start(i), args.end(i), old, encoding);
}

/** The sets at the keys in arguments `[from, to)`, null for a missing one. Throws WRONGTYPE. */
export function openSources(ctx: Context, from: number, to: number): (SetSource | null)[] {
  const sources: (SetSource | null)[] = [];
  for (let i = from; i < to; i++) {
    const entry = ctx.lookupRead(i, SET);
    sources.push(entry === null ? null : new SetSource(ctx.keyspace, entry));
  }
  return sources;
}

/** Closes what `openSources` opened. */
export function releaseSources(sources: readonly (SetSource | null)[]): void {
  for (const source of sources) source?.release();
}

/** The member in argument `i` was found due by a read: it goes, now or right after the turn. */
export function dropDueMember(ctx: Context, i: number): void {
  const { args } = ctx;
  ctx.keyspace.dropDueMember(ctx.client.db, args.buffer, args.start(1), args.end(1), args.copy(i));
}
