/** MULTI's queue: what a command needs that is to run inside EXEC, and how it gets in. */
import type { Access } from "../command/command-spec.ts";
import type { Context } from "../command/context.ts";
import type { Command } from "../command/define-command.ts";

/** The access that the command in `context.args` needs inside EXEC. */
export function accessInMulti(command: Command, { client, args, server }: Context): Access {
  return command.accessBy?.(client, args, server) ?? command.access;
}

/** Queues the command in `context.args`, unless EXEC will refuse the transaction anyway. */
export function queueCommand(command: Command, context: Context): void {
  const { multi } = context.client;
  if (multi !== null && !multi.aborted) {
    const args = context.args.save();
    multi.queue.push({ command, args });
    multi.queuedBytes += args.buffer.length + args.count * 16;
    multi.access = strongest(multi.access, accessInMulti(command, context));
  }
  context.reply.simple("QUEUED");
}

function strongest(a: Access, b: Access): Access {
  if (a === "write" || b === "write") return "write";
  return a === "read" || b === "read" ? "read" : "none";
}
