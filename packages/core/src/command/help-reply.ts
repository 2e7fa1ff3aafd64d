/** The reply of `X HELP`: Redis' frame around the lines of the container. */
import type { Context } from "./context.ts";

/** `lines`: one per reply element, syntax and indented explanation, without the common head and tail. */
export function replyHelp(ctx: Context, lines: readonly string[]): void {
  const { reply } = ctx;
  const name = (ctx.command.parent ?? ctx.command).spec.name;
  reply.arrayHeader(lines.length + 3);
  reply.simple(`${name} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`);
  for (const line of lines) reply.simple(line);
  reply.simple("HELP");
  reply.simple("    Print this help.");
}
