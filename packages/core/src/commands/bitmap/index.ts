import type { CommandSpec } from "../../command/command-spec.ts";

export const BITMAP_COMMANDS: readonly CommandSpec[] = [];
