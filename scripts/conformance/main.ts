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
 *   --random N            N random commands instead of the scenarios, in rounds (needs a live reference); with it
 *     --seed S            the same commands again (S is printed)
 *     --round-seed S      only the one round of this seed
 *     --families a,b      only these kinds of commands (test/conformance/random/commands.ts)
 *     --limits NAME       only with these thresholds of the encodings: default, low, high, changing
 *     --connections N     connections to each server, over all of its processes (default 3)
 *   --concurrent N        N random commands through all processes at once, then the same one after the other through one
 *                         process and through the reference: replies and DEBUG DIGEST must be equal (with --seed,
 *                         --connections)
 *   --verbose             print the explained differences too
 */
import { parseArgs } from "node:util";
import { compare, describe, record } from "../../test/conformance/compare.ts";
import { record as recordConcurrent, replay } from "../../test/conformance/random/concurrent.ts";
import { type Connect, runRandom } from "../../test/conformance/random/run.ts";
import type { Endpoint } from "../../test/conformance/run-scenario.ts";
import { loadScenarios } from "../../test/conformance/scenario.ts";
import { RespClient } from "../../test/support/resp-client.ts";
import { connectEach, referenceVersion, startReference, startServer } from "../../test/support/server.ts";

const { values: options } = parseArgs({
  options: {
    against: { type: "string" },
    ours: { type: "string" },
    processes: { type: "string", default: "2" },
    groups: { type: "string", default: "" },
    recorded: { type: "boolean", default: false },
    record: { type: "boolean", default: false },
    random: { type: "string" },
    concurrent: { type: "string" },
    seed: { type: "string" },
    "round-seed": { type: "string" },
    families: { type: "string", default: "" },
    limits: { type: "string" },
    connections: { type: "string", default: "3" },
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

/** Our server, and how to open connections that reach all of its processes. */
async function findOurs(): Promise<Endpoint & { connect: Connect }> {
  if (options.ours !== undefined) {
    const found = endpoint(options.ours);
    return { ...found, connect: connectTo(found) };
  }
  const processes = Number(options.processes);
  const server = await startServer({ processes });
  console.log(`ours: keydb-ts on port ${server.port} with ${options.processes} processes`);
  const connect: Connect = async (count) => {
    const clients: RespClient[] = [];
    while (clients.length < count)
      clients.push(...(await connectEach(server, Math.min(processes, count - clients.length))));
    return clients;
  };
  return { host: "127.0.0.1", port: server.port, connect };
}

function connectTo(found: Endpoint): Connect {
  return (count) =>
    Promise.all(Array.from({ length: count }, () => RespClient.connect({ ...found, timeoutMs: 60_000 })));
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
  const seed = Number(options.seed ?? Math.floor(Math.random() * 2 ** 20));
  const { "round-seed": roundSeed, limits } = options;
  console.log(`random commands: ${count}, seed ${seed}`);
  const ours = await findOurs();
  const differences = await runRandom(ours.connect, connectTo(reference), {
    count,
    seed,
    ...(roundSeed !== undefined && { roundSeed: Number(roundSeed) }),
    ...(limits !== undefined && { limits }),
    commands: ROUND_COMMANDS,
    clients: Number(options.connections),
    families: options.families.split(",").filter(Boolean),
    maxDifferences: 20,
    log: (text) => console.log(text),
  });
  console.log(`${count} random commands, seed ${seed}: ${differences} differences`);
  return differences > 0 ? 1 : 0;
}

async function runConcurrently(reference: Endpoint | null, commands: number): Promise<number> {
  const seed = Number(options.seed ?? Math.floor(Math.random() * 2 ** 20));
  console.log(`${commands} random commands at once, seed ${seed}`);
  const { connect } = await findOurs();
  const recorded = await recordConcurrent(connect, { commands, seed, clients: Number(options.connections) });
  console.log(
    `${recorded.transactions.length} transactions, ${recorded.commands} commands, digests ${recorded.digests.join(" ")}`,
  );
  const alone = await startServer({ processes: 1 });
  const problems = await replay(connectTo({ host: "127.0.0.1", port: alone.port }), recorded);
  console.log(`alone through one process: ${problems.length} differences`);
  if (reference !== null) {
    const others = await replay(connectTo(reference), recorded);
    console.log(`alone through the reference: ${others.length} differences`);
    problems.push(...others);
  }
  for (const text of problems) console.log(text);
  return problems.length > 0 ? 1 : 0;
}

/** Commands of a round: enough for large collections, few enough to make a difference small in a minute. */
const ROUND_COMMANDS = 4000;

const reference = await findReference();
if (options.record) process.exit(await runRecord(reference));
if (options.concurrent !== undefined) process.exit(await runConcurrently(reference, Number(options.concurrent)));
if (options.random !== undefined) process.exit(await runRandomCommands(reference, Number(options.random)));
process.exit(await runScenarios(reference));
