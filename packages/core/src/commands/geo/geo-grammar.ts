/** Grammar that the searching geo commands share. */
import { oneOf, optional, token } from "../../command/arg-grammar.ts";
import type { ArgSpec, KeySpec } from "../../command/command-spec.ts";

export const UNIT = oneOf("unit", [token("M"), token("KM"), token("FT"), token("MI")]);

export const ORDER = optional(oneOf("order", [token("ASC"), token("DESC")]));

export const WITH_OPTIONS = [token("WITHCOORD"), token("WITHDIST"), token("WITHHASH")].map(optional);

/** `COUNT count [ANY]`. */
export const COUNT_BLOCK = countBlock(optional(token("ANY")));
/** The same where COUNT was there before ANY. */
export const COUNT_BLOCK_SINCE = countBlock(optional({ ...token("ANY"), since: "6.2.0" }));

function countBlock(any: ArgSpec): ArgSpec {
  const args = [{ name: "count", type: "integer", token: "COUNT" } as const, any];
  return optional({ name: "count-block", type: "block", args });
}

const LONGITUDE_LATITUDE: readonly ArgSpec[] = [
  { name: "longitude", type: "double" },
  { name: "latitude", type: "double" },
];

/** The circle of the GEORADIUS commands: around coordinates, or around a member. */
export const AROUND_COORDINATES = [...LONGITUDE_LATITUDE, radius(), UNIT];
export const AROUND_MEMBER = [{ name: "member", type: "string" } as const, radius(), UNIT];

function radius(): ArgSpec {
  return { name: "radius", type: "double" };
}

/** `STORE key | STOREDIST key`, keys 1 and 2 of the key specs. */
export const STORE = optional(
  oneOf("store", [
    { name: "storekey", type: "key", display: "key", keySpecIndex: 1, token: "STORE" },
    { name: "storedistkey", type: "key", display: "key", keySpecIndex: 2, token: "STOREDIST" },
  ]),
);

/** The key behind a keyword, looked for from argument `startFrom` on. */
export function storedKey(keyword: "STORE" | "STOREDIST", startFrom: number): KeySpec {
  return {
    flags: ["OW", "update"],
    beginSearch: { type: "keyword", keyword, startFrom },
    findKeys: { type: "range", lastKey: 0, keyStep: 1, limit: 0 },
  };
}

/** `FROMMEMBER member | FROMLONLAT longitude latitude` of the GEOSEARCH commands. */
export const FROM = oneOf("from", [
  { name: "member", type: "string", token: "FROMMEMBER" },
  { name: "fromlonlat", type: "block", token: "FROMLONLAT", args: LONGITUDE_LATITUDE },
]);

/** `BYRADIUS radius unit | BYBOX width height unit` of the GEOSEARCH commands. */
export const BY = oneOf("by", [
  { name: "circle", type: "block", args: [{ name: "radius", type: "double", token: "BYRADIUS" }, UNIT] },
  {
    name: "box",
    type: "block",
    args: [{ name: "width", type: "double", token: "BYBOX" }, { name: "height", type: "double" }, UNIT],
  },
]);
