import type { CommandSpec } from "../../command/command-spec.ts";
import { functionContainer } from "./function.ts";

export const SCRIPTING_COMMANDS: readonly CommandSpec[] = [functionContainer];
