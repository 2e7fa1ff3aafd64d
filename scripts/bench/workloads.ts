/**
 * What the benchmark measures. A workload is a command with redis-benchmark's placeholder __rand_int__ in it, run at one
 * or more pipeline depths, on data that `prepare` has put there. New data types add rows (with a size in the name).
 */
import type { RespClient } from "../../test/support/resp-client.ts";

export interface Workload {
  readonly name: string;
  readonly command: readonly string[];
  readonly pipelines: readonly number[];
  /** How many commands of P=1 pace make up a run; deeper pipelines run more. */
  readonly requests: number;
  prepare(client: RespClient): Promise<void>;
  /** What one worker may cost beside redis-server at each depth (server CPU per operation): the aim of the plan. */
  readonly aims?: Readonly<Record<number, number>>;
}

/** Keys in use: redis-benchmark -r. */
export const KEYSPACE = 100_000;
const VALUE = "x".repeat(32);
const DEPTHS = [1, 16, 64];

/** redis-benchmark pads its random numbers to twelve digits. */
export function benchmarkKey(index: number): string {
  return `key:${String(index).padStart(12, "0")}`;
}

async function fillStrings(client: RespClient, value: (index: number) => string): Promise<void> {
  const chunk = 1000;
  await client.ok("FLUSHALL");
  for (let start = 0; start < KEYSPACE; start += chunk) {
    const pairs = Array.from({ length: chunk }, (_, i) => [benchmarkKey(start + i), value(start + i)]);
    await client.ok("MSET", ...pairs.flat());
  }
}

export const strings = (client: RespClient): Promise<void> => fillStrings(client, () => VALUE);
const numbers = (client: RespClient): Promise<void> => fillStrings(client, (index) => String(index));
const key = "key:__rand_int__";
const tenKeys = Array.from({ length: 10 }, () => key);

export const WORKLOADS: readonly Workload[] = [
  { name: "PING", command: ["PING"], pipelines: DEPTHS, requests: 100_000, prepare: async () => undefined },
  {
    name: "GET",
    command: ["GET", key],
    pipelines: DEPTHS,
    requests: 100_000,
    prepare: strings,
    aims: { 1: 1.4, 16: 1.6, 64: 1.4 },
  },
  {
    name: "SET",
    command: ["SET", key, VALUE],
    pipelines: DEPTHS,
    requests: 100_000,
    prepare: strings,
    aims: { 1: 1.8, 16: 4, 64: 3.5 },
  },
  { name: "INCR", command: ["INCR", key], pipelines: DEPTHS, requests: 100_000, prepare: numbers },
  { name: "MGET(10)", command: ["MGET", ...tenKeys], pipelines: [1, 16], requests: 50_000, prepare: strings },
  {
    name: "MSET(10)",
    command: ["MSET", ...tenKeys.flatMap((name) => [name, VALUE])],
    pipelines: [1, 16],
    requests: 20_000,
    prepare: strings,
  },
];
