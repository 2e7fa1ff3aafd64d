import type { CommandSpec } from "../../command/command-spec.ts";
import { keydbCron } from "./cron.ts";
import { keydbCronlist } from "./cronlist.ts";
import { evalCommand, evalRo, evalsha, evalshaRo, fcall, fcallRo } from "./eval.ts";
import { functionContainer } from "./function.ts";
import { script } from "./script.ts";

export const SCRIPTING_COMMANDS: readonly CommandSpec[] = [
  evalCommand,
  evalRo,
  evalsha,
  evalshaRo,
  fcall,
  fcallRo,
  functionContainer,
  keydbCron,
  keydbCronlist,
  script,
];
