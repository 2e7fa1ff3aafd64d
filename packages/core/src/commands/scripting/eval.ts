/** EVAL, EVALSHA, FCALL and their read-only forms: one body, the differences are data. */

import { type CommandFlag, type CommandSpec, type KeySpec, keyNum } from "../../command/command-spec.ts";
import { countedKeys } from "../../command/counted-keys.ts";
import type { ScriptCall } from "../../command/scripting.ts";

const FLAGS = ["noscript", "skip_monitor", "no_mandatory_keys", "stale"] as const satisfies CommandFlag[];
const RW_NOTES = "We cannot tell how the keys will be used so we assume the worst, RW and UPDATE";
const RO_NOTES = "We cannot tell how the keys will be used so we assume the worst, RO and ACCESS";

function callSpec(
  call: ScriptCall,
  firstArg: string,
  hasNotes: boolean,
): Omit<CommandSpec, "name" | "since" | "summary"> {
  const { readOnly } = call;
  const key = readOnly ? keyNum(2, "RO", "access") : keyNum(2, "RW", "access", "update");
  const keys: KeySpec = hasNotes ? { ...key, notes: readOnly ? RO_NOTES : RW_NOTES } : key;
  return {
    group: "scripting",
    complexity: `Depends on the ${call.what === "function" ? "function" : "script"} that is executed.`,
    arity: -3,
    flags: readOnly ? [...FLAGS, "readonly"] : [...FLAGS, "may_replicate"],
    keys: [keys],
    keysBy: countedKeys(2),
    args: [
      { name: firstArg, type: "string" },
      { name: "numkeys", type: "integer" },
      { name: "key", type: "key", keySpecIndex: 0, flags: ["optional", "multiple"] },
      { name: "arg", type: "string", flags: ["optional", "multiple"] },
    ],
    accessBy: (client, args, server) => server.scripting.access(call, args, client.multi !== null),
    mayReplicateBy: (args, server) => server.scripting.mayReplicate(call, args),
    handler: (ctx) => ctx.server.scripting.run(ctx, call),
  };
}

export const evalCommand: CommandSpec = {
  ...callSpec({ what: "script", readOnly: false }, "script", true),
  name: "EVAL",
  since: "2.6.0",
  summary: "Runs a Lua script.",
};

export const evalRo: CommandSpec = {
  ...callSpec({ what: "script", readOnly: true }, "script", true),
  name: "EVAL_RO",
  since: "7.0.0",
  summary: "Runs a Lua script that only reads, without the write lock.",
};

export const evalsha: CommandSpec = {
  ...callSpec({ what: "sha", readOnly: false }, "sha1", false),
  name: "EVALSHA",
  since: "2.6.0",
  summary: "Runs a cached Lua script by its SHA-1.",
};

export const evalshaRo: CommandSpec = {
  ...callSpec({ what: "sha", readOnly: true }, "sha1", false),
  name: "EVALSHA_RO",
  since: "7.0.0",
  summary: "Runs a cached Lua script that only reads by its SHA-1, without the write lock.",
};

export const fcall: CommandSpec = {
  ...callSpec({ what: "function", readOnly: false }, "function", true),
  name: "FCALL",
  since: "7.0.0",
  summary: "Runs a function.",
};

export const fcallRo: CommandSpec = {
  ...callSpec({ what: "function", readOnly: true }, "function", true),
  name: "FCALL_RO",
  since: "7.0.0",
  summary: "Runs a function that only reads, without the write lock.",
};
