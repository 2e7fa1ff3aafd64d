/** A worker in this process with a sorted set `Sicily` of four places. */
import type { Test } from "tap";
import type { WorkerOptions } from "./run.ts";
import { startZsets, type ZsetClient } from "./zset-client.ts";

export const SICILY = [
  ["13.361389", "38.115556", "Palermo"],
  ["15.087269", "37.502669", "Catania"],
  ["12.758489", "38.788135", "edge1"],
  ["17.241510", "38.788135", "edge2"],
] as const;

export async function startGeo(t: Test, options: WorkerOptions = {}): Promise<ZsetClient> {
  const client = await startZsets(t, options);
  await client.run("GEOADD", "Sicily", ...SICILY.flat());
  return client;
}
