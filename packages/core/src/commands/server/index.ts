import type { CommandSpec } from "../../command/command-spec.ts";
import { dbsize } from "./dbsize.ts";
import { flushall, flushdb } from "./flush.ts";
import { swapdb } from "./swapdb.ts";

export const SERVER_COMMANDS: readonly CommandSpec[] = [dbsize, flushall, flushdb, swapdb];
