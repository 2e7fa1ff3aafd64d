import type { CommandSpec } from "../../command/command-spec.ts";
import { geoadd } from "./geoadd.ts";
import { geodist } from "./geodist.ts";
import { geohash, geopos } from "./geopos.ts";
import { georadius, georadiusbymember, georadiusbymemberRo, georadiusRo } from "./georadius.ts";
import { geosearch, geosearchstore } from "./geosearch.ts";

export const GEO_COMMANDS: readonly CommandSpec[] = [
  geoadd,
  geodist,
  geohash,
  geopos,
  georadius,
  georadiusRo,
  georadiusbymember,
  georadiusbymemberRo,
  geosearch,
  geosearchstore,
];
