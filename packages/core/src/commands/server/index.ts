import type { CommandSpec } from "../../command/command-spec.ts";
import { command } from "./command.ts";
import { config } from "./config.ts";
import { dbsize } from "./dbsize.ts";
import { debug } from "./debug.ts";
import { flushall, flushdb } from "./flush.ts";
import { info } from "./info.ts";
import { lastsave } from "./lastsave.ts";
import { latency } from "./latency.ts";
import { lolwut } from "./lolwut.ts";
import { memory } from "./memory.ts";
import { monitor } from "./monitor.ts";
import { role } from "./role.ts";
import { shutdown } from "./shutdown.ts";
import { slowlog } from "./slowlog.ts";
import { swapdb } from "./swapdb.ts";
import { time } from "./time.ts";

export const SERVER_COMMANDS: readonly CommandSpec[] = [
  command,
  config,
  dbsize,
  debug,
  flushall,
  flushdb,
  info,
  lastsave,
  latency,
  lolwut,
  memory,
  monitor,
  role,
  shutdown,
  slowlog,
  swapdb,
  time,
];
