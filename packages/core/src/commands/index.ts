/** Every command of the server, by group. */
import type { CommandSpec } from "../command/command-spec.ts";
import { BITMAP_COMMANDS } from "./bitmap/index.ts";
import { CONNECTION_COMMANDS } from "./connection/index.ts";
import { GENERIC_COMMANDS } from "./generic/index.ts";
import { GEO_COMMANDS } from "./geo/index.ts";
import { HASH_COMMANDS } from "./hash/index.ts";
import { HYPERLOGLOG_COMMANDS } from "./hyperloglog/index.ts";
import { LIST_COMMANDS } from "./list/index.ts";
import { PUBSUB_COMMANDS } from "./pubsub/index.ts";
import { SCRIPTING_COMMANDS } from "./scripting/index.ts";
import { SERVER_COMMANDS } from "./server/index.ts";
import { SET_COMMANDS } from "./set/index.ts";
import { SORTED_SET_COMMANDS } from "./sorted-set/index.ts";
import { STREAM_COMMANDS } from "./stream/index.ts";
import { STRING_COMMANDS } from "./string/index.ts";
import { TRANSACTIONS_COMMANDS } from "./transactions/index.ts";

export const ALL_COMMANDS: readonly CommandSpec[] = [
  ...STRING_COMMANDS,
  ...BITMAP_COMMANDS,
  ...GENERIC_COMMANDS,
  ...HASH_COMMANDS,
  ...LIST_COMMANDS,
  ...SET_COMMANDS,
  ...CONNECTION_COMMANDS,
  ...TRANSACTIONS_COMMANDS,
  ...PUBSUB_COMMANDS,
  ...SORTED_SET_COMMANDS,
  ...GEO_COMMANDS,
  ...HYPERLOGLOG_COMMANDS,
  ...STREAM_COMMANDS,
  ...SCRIPTING_COMMANDS,
  ...SERVER_COMMANDS,
];
