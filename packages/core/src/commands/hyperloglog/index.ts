import type { CommandSpec } from "../../command/command-spec.ts";
import { pfadd } from "./pfadd.ts";
import { pfcount } from "./pfcount.ts";
import { pfdebug } from "./pfdebug.ts";
import { pfmerge } from "./pfmerge.ts";
import { pfselftest } from "./pfselftest.ts";

export const HYPERLOGLOG_COMMANDS: readonly CommandSpec[] = [pfadd, pfcount, pfdebug, pfmerge, pfselftest];
