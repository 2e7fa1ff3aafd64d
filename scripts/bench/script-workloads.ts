/**
 * Scripts for the benchmark: what a call costs by itself, what each redis.call adds, and reading scripts, which run
 * without the lock and so on all processes at once.
 */
import { createHash } from "node:crypto";
import type { RespClient } from "../../test/support/resp-client.ts";
import { strings, type Workload } from "./workloads.ts";

const key = "key:__rand_int__";

/** Commands of several types, four of ten writes. */
const TEN_CALLS = `
redis.call('SET', KEYS[1], ARGV[1])
local value = redis.call('GET', KEYS[1])
redis.call('HSET', 'script:hash', 'field', value)
redis.call('HGET', 'script:hash', 'field')
redis.call('INCR', 'script:count')
redis.call('EXISTS', KEYS[1])
redis.call('LPUSH', 'script:list', ARGV[1])
redis.call('LTRIM', 'script:list', 0, 9)
redis.call('LRANGE', 'script:list', 0, 2)
return redis.call('TTL', KEYS[1])`;

/** Work worth a process of its own: 200 reads. */
const MANY_READS = `
local sum = 0
for i = 1, 200 do
  local value = redis.call('GET', 'key:0000000' .. (10000 + (ARGV[1] + i * 7919) % 90000))
  if value then sum = sum + #value end
end
return sum`;

/** Loaded by EVAL, which every server knows; EVALSHA then finds it. */
function script(name: string, code: string, args: readonly string[], facts: Partial<Workload> = {}): Workload {
  const command = facts.command?.[0] ?? "EVALSHA";
  return {
    name,
    pipelines: [1, 16],
    requests: 50_000,
    aims: { 1: 2, 16: 2 },
    prepare: async (client: RespClient): Promise<void> => {
      await strings(client);
      await client.ok("SCRIPT", "LOAD", code);
    },
    ...facts,
    command: [command, createHash("sha1").update(code).digest("hex"), ...args],
  };
}

export const SCRIPT_WORKLOADS: readonly Workload[] = [
  script("EMPTY", "return", ["0"]),
  script("ONEGET", "return redis.call('GET', KEYS[1])", ["1", key]),
  script("TENCALLS", TEN_CALLS, ["1", key, "value"], { requests: 20_000, pipelines: [1, 16] }),
  script("READS(200)", MANY_READS, ["0", "__rand_int__"], { command: ["EVALSHA_RO"], requests: 4_000, pipelines: [1] }),
];
