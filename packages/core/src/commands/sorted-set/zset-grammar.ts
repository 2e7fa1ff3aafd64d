/** Grammar that unions and intersections of sorted sets share. */
import { token } from "../../command/arg-grammar.ts";
import type { ArgSpec } from "../../command/command-spec.ts";

/** `[WEIGHTS weight ...] [AGGREGATE SUM | MIN | MAX]`. */
export const WEIGHTS_AND_AGGREGATE: readonly ArgSpec[] = [
  { name: "weight", type: "integer", token: "WEIGHTS", flags: ["optional", "multiple"] },
  {
    name: "aggregate",
    type: "oneof",
    token: "AGGREGATE",
    flags: ["optional"],
    args: [token("SUM"), token("MIN"), token("MAX")],
  },
];
