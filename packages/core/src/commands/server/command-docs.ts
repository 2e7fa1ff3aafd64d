/** COMMAND DOCS: what people and tools want to know of a command. */
import { commandByName } from "../../command/command-lookup.ts";
import type { ArgSpec, CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import type { Command } from "../../command/define-command.ts";
import type { ReplyWriter } from "../../resp/reply-writer.ts";

/** A field of a reply map: its name and what writes its value; absent fields are null. */
type Field = readonly [name: string, write: () => void] | null;

function replyMap(reply: ReplyWriter, fields: readonly Field[]): void {
  const present = fields.filter((field) => field !== null);
  reply.mapHeader(present.length);
  for (const [name, write] of present) {
    reply.bulkText(name);
    write();
  }
}

function text(reply: ReplyWriter, name: string, value: string | undefined): Field {
  return value === undefined ? null : [name, () => reply.bulkText(value)];
}

function words(reply: ReplyWriter, name: string, values: readonly string[] | undefined): Field {
  if (values === undefined || values.length === 0) return null;
  return [
    name,
    () => {
      reply.setHeader(values.length);
      for (const value of values) reply.simple(value);
    },
  ];
}

function replyDocs(reply: ReplyWriter, command: Command): void {
  const { spec, subcommands } = command;
  const { history, args } = spec;
  replyMap(reply, [
    ["summary", () => reply.bulkText(spec.summary)],
    ["since", () => reply.bulkText(spec.since)],
    ["group", () => reply.bulkText(spec.group)],
    text(reply, "complexity", spec.complexity === "" ? undefined : spec.complexity),
    words(reply, "doc_flags", spec.docFlags),
    text(reply, "deprecated_since", spec.deprecatedSince),
    text(reply, "replaced_by", spec.replacedBy),
    history === undefined ? null : ["history", () => replyHistory(reply, history)],
    args === undefined ? null : ["arguments", () => replyArguments(reply, args)],
    subcommands === null ? null : ["subcommands", () => replySubcommands(reply, subcommands)],
  ]);
}

function replyHistory(reply: ReplyWriter, history: NonNullable<CommandSpec["history"]>): void {
  reply.setHeader(history.length);
  for (const [since, change] of history) {
    reply.arrayHeader(2);
    reply.bulkText(since);
    reply.bulkText(change);
  }
}

function replySubcommands(reply: ReplyWriter, subcommands: ReadonlyMap<string, Command>): void {
  reply.mapHeader(subcommands.size);
  for (const sub of subcommands.values()) {
    reply.bulkText(sub.fullName);
    replyDocs(reply, sub);
  }
}

function replyArguments(reply: ReplyWriter, args: readonly ArgSpec[]): void {
  reply.arrayHeader(args.length);
  for (const arg of args) {
    const isGroup = arg.type === "oneof" || arg.type === "block";
    const { keySpecIndex } = arg;
    const order = (["optional", "multiple", "multiple_token"] as const).filter((flag) => arg.flags?.includes(flag));
    replyMap(reply, [
      ["name", () => reply.bulkText(arg.name)],
      ["type", () => reply.bulkText(arg.type)],
      isGroup ? null : ["display_text", () => reply.bulkText(arg.display ?? arg.name)],
      keySpecIndex === undefined ? null : ["key_spec_index", () => reply.integer(keySpecIndex)],
      text(reply, "token", arg.token),
      text(reply, "since", arg.since),
      text(reply, "deprecated_since", arg.deprecatedSince),
      words(reply, "flags", order),
      isGroup ? ["arguments", () => replyArguments(reply, arg.args ?? [])] : null,
    ]);
  }
}

function handleCommandDocs(ctx: Context): void {
  const { args, reply } = ctx;
  const { registry } = ctx.server;
  const commands: Command[] = [];
  if (args.count === 2) commands.push(...registry.all());
  for (let i = 2; i < args.count; i++) {
    const command = commandByName(registry, args.latin1(i));
    if (command !== undefined) commands.push(command);
  }
  reply.mapHeader(commands.length);
  for (const command of commands) {
    reply.bulkText(command.fullName);
    replyDocs(reply, command);
  }
}

export const commandDocs: CommandSpec = {
  name: "DOCS",
  group: "server",
  since: "7.0.0",
  summary: "Documents the named commands, or all of them.",
  complexity: "O(N) where N is the number of commands to look up",
  arity: -2,
  flags: ["loading", "stale", "sentinel"],
  aclExtra: ["connection"],
  tips: ["nondeterministic_output_order"],
  args: [{ name: "command-name", type: "string", flags: ["optional", "multiple"] }],
  handler: handleCommandDocs,
};
