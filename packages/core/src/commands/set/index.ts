import type { CommandSpec } from "../../command/command-spec.ts";
import { sadd } from "./sadd.ts";
import { scard } from "./scard.ts";
import { sinter, sintercard, sinterstore } from "./sinter.ts";
import { sismember, smismember } from "./sismember.ts";
import { smembers } from "./smembers.ts";
import { smove } from "./smove.ts";
import { spop } from "./spop.ts";
import { srandmember } from "./srandmember.ts";
import { srem } from "./srem.ts";
import { sscan } from "./sscan.ts";
import { sdiff, sdiffstore, sunion, sunionstore } from "./sunion.ts";

export const SET_COMMANDS: readonly CommandSpec[] = [
  sadd,
  scard,
  sdiff,
  sdiffstore,
  sinter,
  sintercard,
  sinterstore,
  sismember,
  smembers,
  smismember,
  smove,
  spop,
  srandmember,
  srem,
  sscan,
  sunion,
  sunionstore,
];
