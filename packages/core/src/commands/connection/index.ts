import type { CommandSpec } from "../../command/command-spec.ts";
import { auth } from "./auth.ts";
import { client } from "./client.ts";
import { hello } from "./hello.ts";
import { ping } from "./ping.ts";
import { echo, quit, reset, select } from "./session-commands.ts";

export const CONNECTION_COMMANDS: readonly CommandSpec[] = [auth, client, echo, hello, ping, quit, reset, select];
