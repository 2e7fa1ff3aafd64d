/** GEOSEARCH and GEOSEARCHSTORE. */

import { KEY, optional, token } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { BY, COUNT_BLOCK, FROM, ORDER, WITH_OPTIONS } from "./geo-grammar.ts";
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
  args: [KEY, FROM, BY, ORDER, COUNT_BLOCK, ...WITH_OPTIONS],
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
    FROM,
    BY,
    ORDER,
    COUNT_BLOCK,
    optional(token("STOREDIST")),
  ],
  handler: handleGeosearchstore,
};
