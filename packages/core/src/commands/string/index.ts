import type { CommandSpec } from "../../command/command-spec.ts";
import { get } from "./get.ts";
import { set } from "./set.ts";

export const STRING_COMMANDS: readonly CommandSpec[] = [get, set];
