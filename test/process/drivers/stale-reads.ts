/**
 * Looks for stale reads: a write is acknowledged through one worker, and read through another right after. The pair
 * changes with every try, so that each worker is writer and reader to each other one.
 */
import { connectEach, type ServerProcess } from "../../support/server.ts";

export interface StaleReadResult {
  readonly tries: number;
  readonly stale: number;
  readonly workers: number;
}

export async function probeStaleReads(server: ServerProcess, workers: number, tries: number): Promise<StaleReadResult> {
  const clients = await connectEach(server, workers);
  let stale = 0;
  for (let i = 0; i < tries; i++) {
    const writer = clients[i % workers];
    const reader = clients[(i + 1 + (Math.floor(i / workers) % Math.max(1, workers - 1))) % workers];
    if (writer === undefined || reader === undefined) throw new Error("no clients");
    await writer.ok("SET", "probe", i);
    if ((await reader.ok("GET", "probe")) !== String(i)) stale++;
  }
  for (const client of clients) client.destroy();
  return { tries, stale, workers };
}
