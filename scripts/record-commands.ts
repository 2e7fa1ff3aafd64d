/**
 * `node scripts/record-commands.ts HOST:PORT`: writes what a Redis server of the target version says of its commands to
 * test/meta/redis-7.2-commands.jsonl, one line per command: arity, flags, categories, key specs, tips, and the grammar of
 * the arguments. Facts only, no prose. test/meta/commands.test.ts compares ours with it.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeCommands } from "../test/support/command-facts.ts";
import { RespClient } from "../test/support/resp-client.ts";

const [endpoint = ""] = process.argv.slice(2);
const colon = endpoint.lastIndexOf(":");
if (colon < 1) throw new Error("usage: record-commands.ts HOST:PORT");
const client = await RespClient.connect({ host: endpoint.slice(0, colon), port: Number(endpoint.slice(colon + 1)) });
await client.ok("HELLO", 3);
const facts = await describeCommands((...args) => client.ok(...args));
await client.close();
const lines = Object.entries(facts)
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map((entry) => JSON.stringify(entry));
const file = join(import.meta.dirname, "..", "test", "meta", "redis-7.2-commands.jsonl");
writeFileSync(file, `${lines.join("\n")}\n`);
console.log(`${lines.length} commands recorded`);
