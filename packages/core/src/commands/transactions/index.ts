import type { CommandSpec } from "../../command/command-spec.ts";
import { exec } from "./exec.ts";
import { discard, multi } from "./multi.ts";
import { unwatch, watch } from "./watch.ts";

export const TRANSACTIONS_COMMANDS: readonly CommandSpec[] = [multi, exec, discard, watch, unwatch];
