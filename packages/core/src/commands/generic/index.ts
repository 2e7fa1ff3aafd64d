import type { CommandSpec } from "../../command/command-spec.ts";
import { copy } from "./copy.ts";
import { del, expdel, unlink } from "./del.ts";
import { dump } from "./dump.ts";
import { exists, keydbMexists } from "./exists.ts";
import { expire, expireat, pexpire, pexpireat } from "./expire.ts";
import { expiremember, expirememberat, pexpirememberat } from "./expiremember.ts";
import { keys } from "./keys.ts";
import { move } from "./move.ts";
import { object } from "./object.ts";
import { persist } from "./persist.ts";
import { randomkey } from "./randomkey.ts";
import { rename, renamenx } from "./rename.ts";
import { restore, restoreAsking } from "./restore.ts";
import { scan } from "./scan.ts";
import { sort, sortRo } from "./sort.ts";
import { touch } from "./touch.ts";
import { expiretime, pexpiretime, pttl, ttl } from "./ttl.ts";
import { type } from "./type.ts";
import { wait, waitaof } from "./wait.ts";

export const GENERIC_COMMANDS: readonly CommandSpec[] = [
  copy,
  del,
  dump,
  exists,
  expdel,
  expire,
  expireat,
  expiremember,
  expirememberat,
  expiretime,
  keydbMexists,
  keys,
  move,
  object,
  persist,
  pexpire,
  pexpireat,
  pexpirememberat,
  pexpiretime,
  pttl,
  randomkey,
  rename,
  renamenx,
  restore,
  restoreAsking,
  scan,
  sort,
  sortRo,
  touch,
  ttl,
  type,
  wait,
  waitaof,
  unlink,
];
