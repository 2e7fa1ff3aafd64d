import type { CommandSpec } from "../../command/command-spec.ts";
import { ping } from "./ping.ts";

export const CONNECTION_COMMANDS: readonly CommandSpec[] = [ping];
