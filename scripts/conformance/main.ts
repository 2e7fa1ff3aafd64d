/**
 * `npm run conformance [-- OPTIONS]`: runs the scenarios of test/conformance on our server and on a reference and prints
 * where the replies differ, byte for byte. Exit code 1 when a difference is not in test/conformance/differences.json.
 *
 *   --against HOST:PORT   the reference; without it a redis-server >= 7.2 from PATH (or $REDIS_SERVER) is started, and
 *                         where there is none the replies recorded of Redis 7.2.4 stand in for it
 *   --ours HOST:PORT      compare this server instead of starting ours
 *   --processes N         workers of our server (default 2)
 *   --groups a,b          only these scenario files
 *   --recorded            compare with the recorded replies even if there is a redis-server
 *   --record              write the recorded replies anew from the reference
 *   --random N [--seed S] N random commands instead of the scenarios (S is printed; needs a live reference)
 *   --verbose             print the explained differences too
 */
import { parseArgs } from "node:util";
import { compare, describe, record } from "../../test/conformance/compare.ts";
import { runRandom } from "../../test/conformance/random-commands.ts";
import type { Endpoint } from "../../test/conformance/run-scenario.ts";
import { loadScenarios } from "../../test/conformance/scenario.ts";
import { referenceVersion, startReference, startServer } from "../../test/support/server.ts";

const { values: options } = parseArgs({
  options: {
    against: { type: "string" },
    ours: { type: "string" },
    processes: { type: "string", default: "2" },
    groups: { type: "string", default: "" },
    recorded: { type: "boolean", default: false },
    record: { type: "boolean", default: false },
    random: { type: "string" },
    seed: { type: "string" },
    verbose: { type: "boolean", default: false },
  },
});

function endpoint(text: string): Endpoint {
  const colon = text.lastIndexOf(":");
  return { host: text.slice(0, colon) || "127.0.0.1", port: Number(text.slice(colon + 1)) };
}

/** The live reference, or null when the recorded replies are to be used. */
async function findReference(): Promise<Endpoint | null> {
  if (options.against !== undefined) return endpoint(options.against);
  if (options.recorded) return null;
  const version = referenceVersion();
  const [major = 0, minor = 0] = version ?? [];
  const recent = major > 7 || (major === 7 && minor >= 2);
  if (!recent && options.random === undefined) {
    const found = version === null ? "no redis-server here" : `redis-server ${version.join(".")} is older than 7.2`;
    console.log(`${found}: comparing with the recorded replies of Redis 7.2.4`);
    return null;
  }
  const server = await startReference();
  if (server === null) throw new Error("random commands need a live reference: --against HOST:PORT");
  console.log(`reference: redis-server ${version?.join(".")} on port ${server.port}`);
  return { host: "127.0.0.1", port: server.port };
}

async function findOurs(): Promise<Endpoint> {
  if (options.ours !== undefined) return endpoint(options.ours);
  const server = await startServer({ processes: Number(options.processes) });
  console.log(`ours: keydb-ts on port ${server.port} with ${options.processes} processes`);
  return { host: "127.0.0.1", port: server.port };
}

async function runRecord(reference: Endpoint | null): Promise<number> {
  if (reference === null) throw new Error("--record needs a reference: --against HOST:PORT");
  const steps = await record(loadScenarios(options.groups.split(",").filter(Boolean)), reference);
  console.log(`${steps} replies recorded`);
  return 0;
}

async function runScenarios(reference: Endpoint | null): Promise<number> {
  const scenarios = loadScenarios(options.groups.split(",").filter(Boolean));
  const outcome = await compare(scenarios, await findOurs(), reference);
  const open = outcome.differences.filter((entry) => entry.reason === undefined);
  for (const entry of options.verbose ? outcome.differences : open) console.log(describe(entry));
  for (const text of outcome.skipped) console.log(`skipped ${text}`);
  for (const text of outcome.stale) console.log(`differences.json explains nothing any more: ${text}`);
  const explained = outcome.differences.length - open.length;
  console.log(`${outcome.steps} replies compared, ${open.length} unexplained differences, ${explained} explained`);
  return open.length > 0 || outcome.stale.length > 0 ? 1 : 0;
}

async function runRandomCommands(reference: Endpoint | null, count: number): Promise<number> {
  if (reference === null) throw new Error("random commands need a live reference");
  const seed = Number(options.seed ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`random commands: ${count}, seed ${seed}`);
  const differences = await runRandom([await findOurs(), reference], count, seed);
  for (const text of differences) console.log(text);
  console.log(`${count} random commands, seed ${seed}: ${differences.length} differences`);
  return differences.length > 0 ? 1 : 0;
}

const reference = await findReference();
if (options.record) process.exit(await runRecord(reference));
if (options.random !== undefined) process.exit(await runRandomCommands(reference, Number(options.random)));
process.exit(await runScenarios(reference));
