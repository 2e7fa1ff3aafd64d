/** Places within a circle or a box: which squares of the map to look at, and the distance on the sphere. */
import { exactAsin, exactCos, exactSin } from "../base/exact-trig.ts";
import {
  areaOf,
  FINEST_STEP,
  neighbour,
  type Place,
  type Square,
  scorePlace,
  squareBits,
  squareOf,
  squareScores,
} from "./geo-hash.ts";
import type { Zset } from "./zset.ts";
import { scoreSpan } from "./zset-range.ts";

/** Mean radius of the earth that Redis takes, metres. */
const EARTH_RADIUS = 6372797.560856;
/** Half the width of the Mercator map, metres. */
const MERCATOR_MAX = 20037726.37;
const RADIANS = Math.PI / 180;

/** What is searched, in metres. */
export interface Shape {
  readonly center: Place;
  /** Of a circle; 0 for a box. */
  readonly radius: number;
  /** Of a box; null for a circle. */
  readonly box: { readonly width: number; readonly height: number } | null;
}

export interface FoundPlace {
  /** The member as Latin-1 text. */
  readonly text: string;
  readonly score: number;
  readonly place: Place;
  /** From the center, metres. */
  readonly distance: number;
}

function latitudeDistance(a: number, b: number): number {
  return EARTH_RADIUS * Math.abs(b * RADIANS - a * RADIANS);
}

/** Metres between two places, by the haversine formula. */
export function distanceBetween(a: Place, b: Place): number {
  const v = exactSin((b.longitude * RADIANS - a.longitude * RADIANS) / 2);
  if (v === 0) return latitudeDistance(a.latitude, b.latitude);
  const latitudeA = a.latitude * RADIANS;
  const latitudeB = b.latitude * RADIANS;
  const u = exactSin((latitudeB - latitudeA) / 2);
  const h = u * u + exactCos(latitudeA) * exactCos(latitudeB) * v * v;
  return 2 * EARTH_RADIUS * exactAsin(Math.sqrt(h));
}

/** Distance from the center of a place within the shape; NaN when it lies outside. */
function distanceWithin({ center, radius, box }: Shape, place: Place): number {
  if (box === null) {
    const distance = distanceBetween(center, place);
    return distance > radius ? Number.NaN : distance;
  }
  if (latitudeDistance(place.latitude, center.latitude) > box.height / 2) return Number.NaN;
  const sideways = { longitude: center.longitude, latitude: place.latitude };
  if (distanceBetween(place, sideways) > box.width / 2) return Number.NaN;
  return distanceBetween(center, place);
}

/** The grid whose squares are about as large as a circle of `radius` metres. */
function stepForRadius(radius: number, latitude: number): number {
  if (radius === 0) return FINEST_STEP;
  let step = 1;
  for (let size = radius; size < MERCATOR_MAX; size *= 2) step++;
  step -= 2;
  // Squares are narrower towards the poles.
  if (latitude > 66 || latitude < -66) step--;
  if (latitude > 80 || latitude < -80) step--;
  return Math.min(FINEST_STEP, Math.max(1, step));
}

interface Bounds {
  readonly west: number;
  readonly east: number;
  readonly south: number;
  readonly north: number;
}

function boundsOf({ center, radius, box }: Shape): Bounds {
  const { longitude, latitude } = center;
  const height = box === null ? radius : box.height / 2;
  const width = box === null ? radius : box.width / 2;
  const up = height / EARTH_RADIUS / RADIANS;
  // The side nearer to the pole is the wider one in degrees on the northern half; Redis takes the other on the southern.
  const edge = latitude < 0 ? latitude - up : latitude + up;
  const side = width / EARTH_RADIUS / Math.cos(edge * RADIANS) / RADIANS;
  return { west: longitude - side, east: longitude + side, south: latitude - up, north: latitude + up };
}

function neighboursAreTooNear(square: Square, bounds: Bounds): boolean {
  return (
    areaOf(neighbour(square, 0, 1)).maxLatitude < bounds.north ||
    areaOf(neighbour(square, 0, -1)).minLatitude > bounds.south ||
    areaOf(neighbour(square, 1, 0)).maxLongitude < bounds.east ||
    areaOf(neighbour(square, -1, 0)).minLongitude > bounds.west
  );
}

/** East and north of the center, in the order in which Redis looks: it shows where results are not sorted. */
const AROUND = [
  [0, 0],
  [0, 1],
  [0, -1],
  [1, 0],
  [-1, 0],
  [1, 1],
  [-1, 1],
  [1, -1],
  [-1, -1],
] as const;

/** The square with the center and those of its neighbours that the shape may reach into. */
function squaresAround(shape: Shape): Square[] {
  const bounds = boundsOf(shape);
  const { box } = shape;
  const reach = box === null ? shape.radius : Math.sqrt((box.width / 2) ** 2 + (box.height / 2) ** 2);
  let step = stepForRadius(reach, shape.center.latitude);
  let middle = squareOf(shape.center, step);
  if (step > 1 && neighboursAreTooNear(middle, bounds)) {
    step--;
    middle = squareOf(shape.center, step);
  }
  const area = areaOf(middle);
  const isCoarse = step < 2;
  const goesSouth = isCoarse || area.minLatitude >= bounds.south;
  const goesNorth = isCoarse || area.maxLatitude <= bounds.north;
  const goesWest = isCoarse || area.minLongitude >= bounds.west;
  const goesEast = isCoarse || area.maxLongitude <= bounds.east;
  return AROUND.filter(
    ([east, north]) =>
      (north >= 0 || goesSouth) && (north <= 0 || goesNorth) && (east >= 0 || goesWest) && (east <= 0 || goesEast),
  ).map(([east, north]) => neighbour(middle, east, north));
}

/** The members of a sorted set of places within a shape, at most `limit` unless that is 0, in no useful order. */
export function searchPlaces(zset: Zset, shape: Shape, limit: number): FoundPlace[] {
  const found: FoundPlace[] = [];
  let last = -1;
  squaresAround(shape).forEach((square, index) => {
    if (limit !== 0 && found.length >= limit) return;
    const bits = squareBits(square);
    // On a very coarse grid neighbours coincide; what Redis compares with is the last but the middle one.
    if (bits === last) return;
    searchSquare(zset, shape, square, limit, found);
    last = index === 0 ? -1 : bits;
  });
  return found;
}

function searchSquare(zset: Zset, shape: Shape, square: Square, limit: number, found: FoundPlace[]): void {
  const [min, max] = squareScores(square);
  const { from, to } = scoreSpan(zset, { min, minExclusive: false, max, maxExclusive: true });
  for (let rank = from; rank < to; rank++) {
    if (rank === from) zset.seek(rank);
    else zset.next();
    zset.read();
    const { memberBuffer, memberStart, memberEnd, memberScore } = zset;
    const place = scorePlace(memberScore);
    const distance = distanceWithin(shape, place);
    if (Number.isNaN(distance)) continue;
    found.push({ text: memberBuffer.latin1Slice(memberStart, memberEnd), score: memberScore, place, distance });
    if (limit !== 0 && found.length >= limit) return;
  }
}
