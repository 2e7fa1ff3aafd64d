/** GEORADIUS and GEORADIUSBYMEMBER with their read-only forms, which GEOSEARCH replaces. */

import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, type KeyReference, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import type { Args } from "../../resp/args.ts";
import {
  AROUND_COORDINATES,
  AROUND_MEMBER,
  COUNT_BLOCK,
  COUNT_BLOCK_SINCE,
  ORDER,
  STORE,
  storedKey,
  WITH_OPTIONS,
} from "./geo-grammar.ts";
import type { SearchForm } from "./geosearch-args.ts";
import { geosearchGeneric } from "./geosearch-generic.ts";

const RADIUS: SearchForm = { kind: "radius", key: 1, store: "keys" };
const RADIUS_RO: SearchForm = { kind: "radius", key: 1, store: "none" };
const MEMBER: SearchForm = { kind: "member", key: 1, store: "keys" };
const MEMBER_RO: SearchForm = { kind: "member", key: 1, store: "none" };

/** The result goes to the last STORE or STOREDIST; the specs see the first of each. */
function storedKeys(args: Args, firstOption: number): KeyReference[] {
  const keys: KeyReference[] = [];
  for (let i = firstOption; i + 1 < args.count; i++) {
    if (args.is(i, "store") || args.is(i, "storedist")) keys.push({ index: ++i, flags: ["OW", "update"] });
  }
  return keys;
}

function handleGeoradius(ctx: Context): void {
  geosearchGeneric(ctx, RADIUS);
}

function handleGeoradiusRo(ctx: Context): void {
  geosearchGeneric(ctx, RADIUS_RO);
}

function handleGeoradiusbymember(ctx: Context): void {
  geosearchGeneric(ctx, MEMBER);
}

function handleGeoradiusbymemberRo(ctx: Context): void {
  geosearchGeneric(ctx, MEMBER_RO);
}

export const georadius: CommandSpec = {
  name: "GEORADIUS",
  group: "geo",
  since: "3.2.0",
  summary: "Finds or stores the places in a circle around coordinates.",
  complexity:
    "O(N+log(M)), N being the number of places in the squares of the map around the circle and M that of all.",
  arity: -6,
  flags: ["write", "denyoom"],
  keys: [keyAt(1, "RO", "access"), storedKey("STORE", 6), storedKey("STOREDIST", 6)],
  hiddenKeys: (args) => storedKeys(args, 6),
  history: [
    ["6.2.0", "Added the `ANY` option for `COUNT`."],
    ["7.0.0", "Added support for uppercase unit names."],
  ],
  docFlags: ["deprecated"],
  deprecatedSince: "6.2.0",
  replacedBy: "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument",
  args: [KEY, ...AROUND_COORDINATES, ...WITH_OPTIONS, COUNT_BLOCK_SINCE, ORDER, STORE],
  handler: handleGeoradius,
};
export const georadiusRo: CommandSpec = {
  name: "GEORADIUS_RO",
  group: "geo",
  since: "3.2.10",
  summary: "Finds the places in a circle around coordinates.",
  complexity:
    "O(N+log(M)), N being the number of places in the squares of the map around the circle and M that of all.",
  arity: -6,
  flags: ["readonly"],
  keys: [keyAt(1, "RO", "access")],
  history: [["6.2.0", "Added the `ANY` option for `COUNT`."]],
  docFlags: ["deprecated"],
  deprecatedSince: "6.2.0",
  replacedBy: "`GEOSEARCH` with the `BYRADIUS` argument",
  args: [KEY, ...AROUND_COORDINATES, ...WITH_OPTIONS, COUNT_BLOCK_SINCE, ORDER],
  handler: handleGeoradiusRo,
};
export const georadiusbymember: CommandSpec = {
  name: "GEORADIUSBYMEMBER",
  group: "geo",
  since: "3.2.0",
  summary: "Finds or stores the places in a circle around a member.",
  complexity:
    "O(N+log(M)), N being the number of places in the squares of the map around the circle and M that of all.",
  arity: -5,
  flags: ["write", "denyoom"],
  keys: [keyAt(1, "RO", "access"), storedKey("STORE", 5), storedKey("STOREDIST", 5)],
  hiddenKeys: (args) => storedKeys(args, 5),
  history: [["7.0.0", "Added support for uppercase unit names."]],
  docFlags: ["deprecated"],
  deprecatedSince: "6.2.0",
  replacedBy: "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments",
  args: [KEY, ...AROUND_MEMBER, ...WITH_OPTIONS, COUNT_BLOCK, ORDER, STORE],
  handler: handleGeoradiusbymember,
};
export const georadiusbymemberRo: CommandSpec = {
  name: "GEORADIUSBYMEMBER_RO",
  group: "geo",
  since: "3.2.10",
  summary: "Finds the places in a circle around a member.",
  complexity:
    "O(N+log(M)), N being the number of places in the squares of the map around the circle and M that of all.",
  arity: -5,
  flags: ["readonly"],
  keys: [keyAt(1, "RO", "access")],
  docFlags: ["deprecated"],
  deprecatedSince: "6.2.0",
  replacedBy: "`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments",
  args: [KEY, ...AROUND_MEMBER, ...WITH_OPTIONS, COUNT_BLOCK, ORDER],
  handler: handleGeoradiusbymemberRo,
};
