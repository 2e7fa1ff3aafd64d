/** Arguments of the commands that search for places, in the order in which Redis finds faults. */
import {
  ANY_NEEDS_COUNT,
  COUNT_NOT_ABOVE_ZERO,
  MEMBER_NOT_DECODED,
  oneOriginNeeded,
  oneShapeNeeded,
  SYNTAX_ERROR,
  storeExcludesWith,
} from "../../base/errors.ts";
import type { Context } from "../../command/context.ts";
import { type Place, scorePlace } from "../../types/geo-hash.ts";
import type { Shape } from "../../types/geo-search.ts";
import type { Zset } from "../../types/zset.ts";
import { type Box, type Radius, readBox, readPlace, readRadius } from "./geo-args.ts";

/** Which of the commands it is. */
export interface SearchForm {
  /** `radius` and `member` are the GEORADIUS family, whose origin and radius come first. */
  readonly kind: "radius" | "member" | "search";
  /** Argument with the key that is searched. */
  readonly key: number;
  /** Whether STORE and STOREDIST name a key (GEORADIUS), STOREDIST is a word (GEOSEARCHSTORE), or neither is known. */
  readonly store: "keys" | "word" | "none";
}

export interface SearchQuery {
  /** Null when the key that is searched does not exist. */
  readonly shape: Shape | null;
  /** Metres in the unit of the reply. */
  readonly unit: number;
  readonly withDistance: boolean;
  readonly withHash: boolean;
  readonly withPlace: boolean;
  readonly order: "none" | "asc" | "desc";
  /** 0: all. */
  readonly count: number;
  readonly isAny: boolean;
  /** Argument with the key to store in; 0: reply. */
  readonly storeKey: number;
  readonly storesDistance: boolean;
}

/** Options as they are read. */
class Options {
  withDistance = false;
  withHash = false;
  withPlace = false;
  isAny = false;
  order: "none" | "asc" | "desc" = "none";
  count = 0;
  storeKey = 0;
  storesDistance = false;
  origin: "none" | "member" | "place" = "none";
  center: Place | null = null;
  radius: Radius | null = null;
  box: Box | null = null;
}

function memberPlace(ctx: Context, zset: Zset, i: number): Place {
  const { args } = ctx;
  const score = zset.score(args.buffer, args.start(i), args.end(i));
  if (Number.isNaN(score)) throw MEMBER_NOT_DECODED;
  return scorePlace(score);
}

/** Reads all arguments; `zset` is null when the searched key does not exist. */
export function readSearchQuery(ctx: Context, form: SearchForm, zset: Zset | null): SearchQuery {
  const options = new Options();
  const from = readOrigin(ctx, form, zset, options);
  if (form.store === "word") options.storeKey = 1;
  for (let i = from; i < ctx.args.count; ) i = readOption(ctx, form, zset, options, i);
  checkOptions(ctx, form, options);
  const { radius, box, center, count, isAny } = options;
  const unit = (radius ?? box)?.unit ?? 1;
  return {
    shape:
      zset === null || center === null
        ? null
        : {
            center,
            radius: radius === null ? 0 : radius.radius * unit,
            box: box === null ? null : { width: box.width * unit, height: box.height * unit },
          },
    unit,
    withDistance: options.withDistance,
    withHash: options.withHash,
    withPlace: options.withPlace,
    // The nearest ones are meant.
    order: count !== 0 && options.order === "none" && !isAny ? "asc" : options.order,
    count,
    isAny,
    storeKey: options.storeKey,
    storesDistance: options.storesDistance,
  };
}

/** Reads the fixed arguments of the GEORADIUS family; returns where the options start. */
function readOrigin(ctx: Context, form: SearchForm, zset: Zset | null, options: Options): number {
  if (form.kind === "radius") {
    options.center = readPlace(ctx, 2);
    options.radius = readRadius(ctx, 4);
    return 6;
  }
  if (form.kind === "search") return form.key + 1;
  if (zset !== null) {
    options.center = memberPlace(ctx, zset, 2);
    options.radius = readRadius(ctx, 3);
  }
  return 5;
}

/** Reads the option at argument `i`; returns where the next one is. */
function readOption(ctx: Context, form: SearchForm, zset: Zset | null, options: Options, i: number): number {
  const { args } = ctx;
  const more = args.count - i - 1;
  if (args.is(i, "withdist")) options.withDistance = true;
  else if (args.is(i, "withhash")) options.withHash = true;
  else if (args.is(i, "withcoord")) options.withPlace = true;
  else if (args.is(i, "any")) options.isAny = true;
  else if (args.is(i, "asc")) options.order = "asc";
  else if (args.is(i, "desc")) options.order = "desc";
  else if (args.is(i, "count") && more >= 1) {
    options.count = Number(args.int64(i + 1));
    if (options.count <= 0) throw COUNT_NOT_ABOVE_ZERO;
    return i + 2;
  } else if (form.store === "keys" && more >= 1 && (args.is(i, "store") || args.is(i, "storedist"))) {
    options.storeKey = i + 1;
    options.storesDistance = args.is(i, "storedist");
    return i + 2;
  } else if (form.store === "word" && args.is(i, "storedist")) options.storesDistance = true;
  else if (form.kind === "search") return readSearchOption(ctx, zset, options, i, more);
  else throw SYNTAX_ERROR;
  return i + 1;
}

function readSearchOption(ctx: Context, zset: Zset | null, options: Options, i: number, more: number): number {
  const { args } = ctx;
  if (args.is(i, "frommember") && more >= 1 && options.origin !== "place") {
    options.origin = "member";
    if (zset !== null) options.center = memberPlace(ctx, zset, i + 1);
    return i + 2;
  }
  if (args.is(i, "fromlonlat") && more >= 2 && options.origin !== "member") {
    options.center = readPlace(ctx, i + 1);
    options.origin = "place";
    return i + 3;
  }
  if (args.is(i, "byradius") && more >= 2 && options.box === null) {
    options.radius = readRadius(ctx, i + 1);
    return i + 3;
  }
  if (args.is(i, "bybox") && more >= 3 && options.radius === null) {
    options.box = readBox(ctx, i + 1);
    return i + 4;
  }
  throw SYNTAX_ERROR;
}

function checkOptions(ctx: Context, form: SearchForm, options: Options): void {
  if (options.storeKey !== 0 && (options.withDistance || options.withHash || options.withPlace)) {
    throw storeExcludesWith(form.store === "word" ? "GEOSEARCHSTORE" : "STORE option in GEORADIUS");
  }
  if (form.kind === "search") {
    if (options.origin === "none") throw oneOriginNeeded(ctx.args.latin1(0));
    if (options.radius === null && options.box === null) throw oneShapeNeeded(ctx.args.latin1(0));
  }
  if (options.isAny && options.count === 0) throw ANY_NEEDS_COUNT;
}
