/** Places, distances and units as arguments of the geo commands. */
import {
  BOX_NEGATIVE,
  type CommandError,
  HEIGHT_NOT_NUMERIC,
  invalidPlace,
  RADIUS_NEGATIVE,
  RADIUS_NOT_NUMERIC,
  UNSUPPORTED_UNIT,
  WIDTH_NOT_NUMERIC,
} from "../../base/errors.ts";
import type { Context } from "../../command/context.ts";
import { LATITUDE_MAX, LATITUDE_MIN, LONGITUDE_MAX, LONGITUDE_MIN, type Place } from "../../types/geo-hash.ts";

/** C's `%f`. */
function fixedSix(n: number): string {
  if (!Number.isFinite(n)) return n > 0 ? "inf" : "-inf";
  if (Object.is(n, -0)) return "-0.000000";
  return Math.abs(n) < 1e21 ? n.toFixed(6) : `${BigInt(n)}.000000`;
}

/** The longitude in argument `i` and the latitude behind it. */
export function readPlace(ctx: Context, i: number): Place {
  const longitude = ctx.args.double(i);
  const latitude = ctx.args.double(i + 1);
  if (longitude < LONGITUDE_MIN || longitude > LONGITUDE_MAX || latitude < LATITUDE_MIN || latitude > LATITUDE_MAX) {
    throw invalidPlace(fixedSix(longitude), fixedSix(latitude));
  }
  return { longitude, latitude };
}

/** Metres in the unit that argument `i` names. */
export function readUnit(ctx: Context, i: number): number {
  const { args } = ctx;
  if (args.is(i, "m")) return 1;
  if (args.is(i, "km")) return 1000;
  if (args.is(i, "ft")) return 0.3048;
  if (args.is(i, "mi")) return 1609.34;
  throw UNSUPPORTED_UNIT;
}

export interface Radius {
  readonly radius: number;
  readonly unit: number;
}

/** A radius in argument `i` and its unit behind it. */
export function readRadius(ctx: Context, i: number): Radius {
  const radius = ctx.args.double(i, RADIUS_NOT_NUMERIC);
  if (radius < 0) throw RADIUS_NEGATIVE;
  return { radius, unit: readUnit(ctx, i + 1) };
}

export interface Box {
  readonly width: number;
  readonly height: number;
  readonly unit: number;
}

/** Width, height and unit from argument `i` on. */
export function readBox(ctx: Context, i: number): Box {
  const side = (at: number, error: CommandError): number => ctx.args.double(at, error);
  const width = side(i, WIDTH_NOT_NUMERIC);
  const height = side(i + 1, HEIGHT_NOT_NUMERIC);
  if (height < 0 || width < 0) throw BOX_NEGATIVE;
  return { width, height, unit: readUnit(ctx, i + 2) };
}
