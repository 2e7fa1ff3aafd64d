/** Finds commands by name as text, outside the hot path. */
import type { Args } from "../resp/args.ts";
import type { Command } from "./define-command.ts";
import type { Registry } from "./registry.ts";

/** A command by its shown name in any case, `get` or `config|set`. */
export function commandByName(registry: Registry, name: string): Command | undefined {
  const [container = "", sub, ...rest] = name.toLowerCase().split("|");
  const command = registry.get(container);
  if (sub === undefined) return command;
  return rest.length > 0 ? undefined : command?.subcommands?.get(sub);
}

/** The command that a request names with argument 0, and 1 when it is a container; undefined when there is none. */
export function commandOfRequest(registry: Registry, args: Args): Command | undefined {
  const command = registry.get(args.latin1(0).toLowerCase());
  if (args.count === 1 || command === undefined || command.subcommands === null) return command;
  return command.subcommands.get(args.latin1(1).toLowerCase());
}
