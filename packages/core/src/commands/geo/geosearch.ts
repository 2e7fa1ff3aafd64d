/** GEOSEARCH and GEOSEARCHSTORE. */
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import type { SearchForm } from "./geosearch-args.ts";
import { geosearchGeneric } from "./geosearch-generic.ts";

const SEARCH: SearchForm = { kind: "search", key: 1, store: "none" };
const SEARCH_STORE: SearchForm = { kind: "search", key: 2, store: "word" };

function handleGeosearch(ctx: Context): void {
  geosearchGeneric(ctx, SEARCH);
}

function handleGeosearchstore(ctx: Context): void {
  geosearchGeneric(ctx, SEARCH_STORE);
}

export const geosearch: CommandSpec = {
  name: "GEOSEARCH",
  group: "geo",
  since: "6.2.0",
  summary: "Finds the places in a circle or a box.",
  complexity: "O(N+log(M)), N being the number of places in the squares of the map around the shape and M that of all.",
  arity: -7,
  flags: ["readonly"],
  keys: [keyAt(1, "RO", "access")],
  history: [["7.0.0", "Added support for uppercase unit names."]],
  args: [
    { name: "key", type: "key", keySpecIndex: 0 },
    {
      name: "from",
      type: "oneof",
      args: [
        { name: "member", type: "string", token: "FROMMEMBER" },
        {
          name: "fromlonlat",
          type: "block",
          token: "FROMLONLAT",
          args: [
            { name: "longitude", type: "double" },
            { name: "latitude", type: "double" },
          ],
        },
      ],
    },
    {
      name: "by",
      type: "oneof",
      args: [
        {
          name: "circle",
          type: "block",
          args: [
            { name: "radius", type: "double", token: "BYRADIUS" },
            {
              name: "unit",
              type: "oneof",
              args: [
                { name: "m", type: "pure-token", token: "M" },
                { name: "km", type: "pure-token", token: "KM" },
                { name: "ft", type: "pure-token", token: "FT" },
                { name: "mi", type: "pure-token", token: "MI" },
              ],
            },
          ],
        },
        {
          name: "box",
          type: "block",
          args: [
            { name: "width", type: "double", token: "BYBOX" },
            { name: "height", type: "double" },
            {
              name: "unit",
              type: "oneof",
              args: [
                { name: "m", type: "pure-token", token: "M" },
                { name: "km", type: "pure-token", token: "KM" },
                { name: "ft", type: "pure-token", token: "FT" },
                { name: "mi", type: "pure-token", token: "MI" },
              ],
            },
          ],
        },
      ],
    },
    {
      name: "order",
      type: "oneof",
      flags: ["optional"],
      args: [
        { name: "asc", type: "pure-token", token: "ASC" },
        { name: "desc", type: "pure-token", token: "DESC" },
      ],
    },
    {
      name: "count-block",
      type: "block",
      flags: ["optional"],
      args: [
        { name: "count", type: "integer", token: "COUNT" },
        { name: "any", type: "pure-token", token: "ANY", flags: ["optional"] },
      ],
    },
    { name: "withcoord", type: "pure-token", token: "WITHCOORD", flags: ["optional"] },
    { name: "withdist", type: "pure-token", token: "WITHDIST", flags: ["optional"] },
    { name: "withhash", type: "pure-token", token: "WITHHASH", flags: ["optional"] },
  ],
  handler: handleGeosearch,
};
export const geosearchstore: CommandSpec = {
  name: "GEOSEARCHSTORE",
  group: "geo",
  since: "6.2.0",
  summary: "Stores the places in a circle or a box.",
  complexity: "O(N+log(M)), N being the number of places in the squares of the map around the shape and M that of all.",
  arity: -8,
  flags: ["write", "denyoom"],
  keys: [keyAt(1, "OW", "update"), keyAt(2, "RO", "access")],
  history: [["7.0.0", "Added support for uppercase unit names."]],
  args: [
    { name: "destination", type: "key", keySpecIndex: 0 },
    { name: "source", type: "key", keySpecIndex: 1 },
    {
      name: "from",
      type: "oneof",
      args: [
        { name: "member", type: "string", token: "FROMMEMBER" },
        {
          name: "fromlonlat",
          type: "block",
          token: "FROMLONLAT",
          args: [
            { name: "longitude", type: "double" },
            { name: "latitude", type: "double" },
          ],
        },
      ],
    },
    {
      name: "by",
      type: "oneof",
      args: [
        {
          name: "circle",
          type: "block",
          args: [
            { name: "radius", type: "double", token: "BYRADIUS" },
            {
              name: "unit",
              type: "oneof",
              args: [
                { name: "m", type: "pure-token", token: "M" },
                { name: "km", type: "pure-token", token: "KM" },
                { name: "ft", type: "pure-token", token: "FT" },
                { name: "mi", type: "pure-token", token: "MI" },
              ],
            },
          ],
        },
        {
          name: "box",
          type: "block",
          args: [
            { name: "width", type: "double", token: "BYBOX" },
            { name: "height", type: "double" },
            {
              name: "unit",
              type: "oneof",
              args: [
                { name: "m", type: "pure-token", token: "M" },
                { name: "km", type: "pure-token", token: "KM" },
                { name: "ft", type: "pure-token", token: "FT" },
                { name: "mi", type: "pure-token", token: "MI" },
              ],
            },
          ],
        },
      ],
    },
    {
      name: "order",
      type: "oneof",
      flags: ["optional"],
      args: [
        { name: "asc", type: "pure-token", token: "ASC" },
        { name: "desc", type: "pure-token", token: "DESC" },
      ],
    },
    {
      name: "count-block",
      type: "block",
      flags: ["optional"],
      args: [
        { name: "count", type: "integer", token: "COUNT" },
        { name: "any", type: "pure-token", token: "ANY", flags: ["optional"] },
      ],
    },
    { name: "storedist", type: "pure-token", token: "STOREDIST", flags: ["optional"] },
  ],
  handler: handleGeosearchstore,
};
