import type { CommandSpec } from "../../command/command-spec.ts";
import { blmove, brpoplpush } from "./blmove.ts";
import { blmpop } from "./blmpop.ts";
import { blpop, brpop } from "./blpop.ts";
import { lindex, llen, lrange } from "./lindex.ts";
import { lmove, rpoplpush } from "./lmove.ts";
import { lmpop } from "./lmpop.ts";
import { lpop, rpop } from "./lpop.ts";
import { lpos } from "./lpos.ts";
import { lpush, lpushx, rpush, rpushx } from "./lpush.ts";
import { lrem, ltrim } from "./lrem.ts";
import { linsert, lset } from "./lset.ts";

export const LIST_COMMANDS: readonly CommandSpec[] = [
  blmove,
  blmpop,
  blpop,
  brpop,
  brpoplpush,
  lindex,
  linsert,
  llen,
  lmove,
  lmpop,
  lpop,
  lpos,
  lpush,
  lpushx,
  lrange,
  lrem,
  lset,
  ltrim,
  rpop,
  rpoplpush,
  rpush,
  rpushx,
];
