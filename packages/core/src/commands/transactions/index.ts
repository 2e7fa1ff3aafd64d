import type { CommandSpec } from "../../command/command-spec.ts";

export const TRANSACTIONS_COMMANDS: readonly CommandSpec[] = [];
