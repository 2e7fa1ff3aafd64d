import type { CommandSpec } from "../../command/command-spec.ts";
import { hdel } from "./hdel.ts";
import { hexpire, hexpireat, hpexpire, hpexpireat } from "./hexpire.ts";
import { hget } from "./hget.ts";
import { hgetall, hkeys, hvals } from "./hgetall.ts";
import { hgetdel } from "./hgetdel.ts";
import { hgetex } from "./hgetex.ts";
import { hincrby } from "./hincrby.ts";
import { hincrbyfloat } from "./hincrbyfloat.ts";
import { hlen } from "./hlen.ts";
import { hmget } from "./hmget.ts";
import { hpersist } from "./hpersist.ts";
import { hrandfield } from "./hrandfield.ts";
import { keydbHrename } from "./hrename.ts";
import { hscan } from "./hscan.ts";
import { hmset, hset } from "./hset.ts";
import { hsetex } from "./hsetex.ts";
import { hsetnx } from "./hsetnx.ts";
import { hexists, hstrlen } from "./hstrlen.ts";
import { hexpiretime, hpexpiretime, hpttl, httl } from "./httl.ts";
import { keydbNhget } from "./nhget.ts";
import { keydbNhset } from "./nhset.ts";

export const HASH_COMMANDS: readonly CommandSpec[] = [
  hdel,
  hexists,
  hexpire,
  hexpireat,
  hexpiretime,
  hget,
  hgetall,
  hgetdel,
  hgetex,
  hincrby,
  hincrbyfloat,
  hkeys,
  hlen,
  hmget,
  hmset,
  hpersist,
  hpexpire,
  hpexpireat,
  hpexpiretime,
  hpttl,
  hrandfield,
  hscan,
  hset,
  hsetex,
  hsetnx,
  hstrlen,
  httl,
  hvals,
  keydbHrename,
  keydbNhget,
  keydbNhset,
];
