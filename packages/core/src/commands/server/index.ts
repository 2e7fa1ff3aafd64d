import type { CommandSpec } from "../../command/command-spec.ts";

export const SERVER_COMMANDS: readonly CommandSpec[] = [];
