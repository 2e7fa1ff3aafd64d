/**
 * Collections of a size, how to fill them and the commands that are measured on them (--types, --scaling). Members are
 * `m:` and twelve digits; a sorted set's scores and a stream's IDs count up with them, a list holds them in order.
 */
import type { RespClient } from "../../test/support/resp-client.ts";

type Arguments = readonly (string | number)[];

export const COLLECTION_TYPES = ["zset", "list", "hash", "set", "stream"] as const;
export type CollectionType = (typeof COLLECTION_TYPES)[number];

/** One operation: on collection `key` of `size` elements, the `i`-th of its run. */
export interface Operation {
  readonly key: string;
  readonly size: number;
  readonly i: number;
}

export interface CollectionCommand {
  readonly name: string;
  readonly type: CollectionType;
  /** As Redis documents it; N is the number of elements. */
  readonly complexity: string;
  /** Elements that an operation adds, or (negative) takes away. */
  readonly drift: number;
  readonly command: (operation: Operation) => Arguments;
  /** Columns of the scaling table; the others are measured with --types alone. */
  readonly scales: boolean;
  /** Smallest collection on which the command means something. */
  readonly least?: number;
}

const VALUE = "v".repeat(32);
const BATCH = 500;

export function member(index: number): string {
  return `m:${String(index).padStart(12, "0")}`;
}

function below(limit: number): number {
  return Math.floor(Math.random() * limit);
}

/** A member that is not there yet: each run counts on, whatever was added before. */
function fresh(i: number): string {
  return `n:${process.pid}:${Date.now().toString(36)}:${i}`;
}

const FILL: Readonly<Record<CollectionType, (key: string, from: number, to: number) => Arguments[]>> = {
  zset: (key, from, to) => [["ZADD", key, ...range(from, to).flatMap((i) => [i, member(i)])]],
  list: (key, from, to) => [["RPUSH", key, ...range(from, to).map(member)]],
  hash: (key, from, to) => [["HSET", key, ...range(from, to).flatMap((i) => [member(i), VALUE])]],
  set: (key, from, to) => [["SADD", key, ...range(from, to).map(member)]],
  stream: (key, from, to) => range(from, to).map((i) => ["XADD", key, `${i + 1}-0`, "f", VALUE]),
};

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

export function collectionKey(type: CollectionType, size: number, index: number): string {
  return `${type}:${size}:${index}`;
}

/** Makes `count` collections of `size` elements, in place of those that were there. */
export async function fill(client: RespClient, type: CollectionType, size: number, count: number): Promise<void> {
  let commands: Arguments[] = [];
  let elements = 0;
  const send = async (): Promise<void> => {
    const failed = (await client.pipeline(commands)).find((reply) => reply instanceof Error);
    if (failed !== undefined) throw failed;
    commands = [];
    elements = 0;
  };
  for (let index = 0; index < count; index++) {
    const key = collectionKey(type, size, index);
    commands.push(["UNLINK", key]);
    for (let from = 0; from < size; from += BATCH) {
      const to = Math.min(size, from + BATCH);
      commands.push(...FILL[type](key, from, to));
      elements += to - from;
      if (elements >= BATCH) await send();
    }
  }
  if (commands.length > 0) await send();
}

const middle = (size: number): number => Math.floor(size / 2);

export const COMMANDS: readonly CollectionCommand[] = [
  {
    name: "ZSCORE",
    type: "zset",
    complexity: "O(1)",
    drift: 0,
    scales: false,
    command: ({ key, size }) => ["ZSCORE", key, member(below(size))],
  },
  {
    name: "ZRANK",
    type: "zset",
    complexity: "O(log N)",
    drift: 0,
    scales: true,
    command: ({ key, size }) => ["ZRANK", key, member(below(size))],
  },
  {
    name: "ZRANGE middle 10",
    type: "zset",
    complexity: "O(log N + M)",
    drift: 0,
    scales: true,
    command: ({ key, size }) => ["ZRANGE", key, middle(size), middle(size) + 9],
  },
  {
    name: "ZINCRBY",
    type: "zset",
    complexity: "O(log N)",
    drift: 0,
    scales: true,
    command: ({ key, size }) => ["ZINCRBY", key, 1, member(below(size))],
  },
  {
    name: "ZADD",
    type: "zset",
    complexity: "O(log N)",
    drift: 1,
    scales: true,
    command: ({ key, size, i }) => ["ZADD", key, below(size), fresh(i)],
  },
  {
    name: "ZREMRANGEBYRANK 10",
    type: "zset",
    complexity: "O(log N + M)",
    drift: -10,
    scales: true,
    least: 1000,
    command: ({ key, size }) => {
      const rank = below(middle(size));
      return ["ZREMRANGEBYRANK", key, rank, rank + 9];
    },
  },
  {
    name: "LRANGE middle 10",
    type: "list",
    complexity: "O(S + M)",
    drift: 0,
    scales: false,
    command: ({ key, size }) => ["LRANGE", key, middle(size), middle(size) + 9],
  },
  {
    name: "LINDEX middle",
    type: "list",
    complexity: "O(N)",
    drift: 0,
    scales: true,
    command: ({ key, size }) => ["LINDEX", key, middle(size)],
  },
  {
    name: "LMOVE",
    type: "list",
    complexity: "O(1)",
    drift: 0,
    scales: false,
    command: ({ key }) => ["LMOVE", key, key, "LEFT", "RIGHT"],
  },
  {
    name: "LINSERT middle",
    type: "list",
    complexity: "O(N)",
    drift: 1,
    scales: true,
    command: ({ key, size, i }) => ["LINSERT", key, "BEFORE", member(middle(size)), fresh(i)],
  },
  {
    name: "LPUSH",
    type: "list",
    complexity: "O(1)",
    drift: 1,
    scales: true,
    command: ({ key, i }) => ["LPUSH", key, fresh(i)],
  },
  {
    name: "HGET",
    type: "hash",
    complexity: "O(1)",
    drift: 0,
    scales: true,
    command: ({ key, size }) => ["HGET", key, member(below(size))],
  },
  {
    name: "HSET",
    type: "hash",
    complexity: "O(1)",
    drift: 0,
    scales: true,
    command: ({ key, size, i }) => ["HSET", key, member(below(size)), `${VALUE}${i}`],
  },
  {
    name: "HSET new",
    type: "hash",
    complexity: "O(1)",
    drift: 1,
    scales: true,
    command: ({ key, i }) => ["HSET", key, fresh(i), VALUE],
  },
  {
    name: "SISMEMBER",
    type: "set",
    complexity: "O(1)",
    drift: 0,
    scales: false,
    command: ({ key, size }) => ["SISMEMBER", key, member(below(size))],
  },
  {
    name: "SRANDMEMBER",
    type: "set",
    complexity: "O(1)",
    drift: 0,
    scales: true,
    command: ({ key }) => ["SRANDMEMBER", key],
  },
  {
    name: "SADD",
    type: "set",
    complexity: "O(1)",
    drift: 1,
    scales: true,
    command: ({ key, i }) => ["SADD", key, fresh(i)],
  },
  {
    name: "SPOP",
    type: "set",
    complexity: "O(1)",
    drift: -1,
    scales: true,
    command: ({ key }) => ["SPOP", key],
  },
  {
    name: "XRANGE middle 10",
    type: "stream",
    complexity: "O(log N + M)",
    drift: 0,
    scales: true,
    command: ({ key, size }) => ["XRANGE", key, `${middle(size)}-0`, "+", "COUNT", 10],
  },
  {
    name: "XADD",
    type: "stream",
    complexity: "O(1)",
    drift: 1,
    scales: true,
    command: ({ key }) => ["XADD", key, "*", "f", VALUE],
  },
];
