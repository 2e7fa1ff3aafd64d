/** MONITOR over all processes. Implemented by server/monitors.ts. */
import type { Args } from "../resp/args.ts";
import type { Client } from "./client.ts";
import type { Command } from "./define-command.ts";

export interface Monitors {
  /** Whether a client of any process monitors. */
  readonly active: boolean;
  /** Makes a client a monitor: what any process begins from now on is shown to it. */
  add(client: Client): void;
  remove(client: Client): void;
  /** Shows a command to the monitors. `isScript`: a script runs it. */
  feed(client: Client, command: Command, args: Args, isScript: boolean): void;
}
