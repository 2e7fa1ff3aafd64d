/** Grammar that the commands on fields with a time to live share. */
import type { ArgSpec } from "../../command/command-spec.ts";

/** `FIELDS numfields field [field ...]`. */
export const FIELDS: ArgSpec = {
  name: "fields",
  type: "block",
  token: "FIELDS",
  args: [
    { name: "numfields", type: "integer" },
    { name: "field", type: "string", flags: ["multiple"] },
  ],
};
