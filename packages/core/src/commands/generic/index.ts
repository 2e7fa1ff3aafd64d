import type { CommandSpec } from "../../command/command-spec.ts";

export const GENERIC_COMMANDS: readonly CommandSpec[] = [];
