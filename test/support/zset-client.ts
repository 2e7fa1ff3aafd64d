/** A worker in this process with what tests of sorted sets share. */
import type { Test } from "tap";
import { TYPE_ID } from "../../packages/core/src/codec/format.ts";
import type { Entry } from "../../packages/core/src/codec/record.ts";
import { checkKeyspace, type ValueChecker } from "../../packages/core/src/keyspace/check.ts";
import type { Keyspace } from "../../packages/core/src/keyspace/keyspace.ts";
import { checkKeyedElements } from "../../packages/core/src/types/keyed-elements-check.ts";
import { Zset } from "../../packages/core/src/types/zset.ts";
import { checkTree } from "./check-tree.ts";
import type { WorkerOptions } from "./run.ts";
import { type StringClient, startStrings } from "./string-client.ts";

export interface ZsetClient extends StringClient {
  /** Lists what is wrong in the store; nothing is, in a healthy one. */
  problems(): readonly string[];
  /** Members and scores of a set, `a 1 b 2`. */
  show(key: string): Promise<string>;
  /** Adds `a 1 b 2` to a set. */
  fill(key: string, text: string): Promise<void>;
}

/** Both forms of a sorted set: as it is, and with limits that make all sets large. */
export const FORMS: readonly (readonly [string, WorkerOptions])[] = [
  ["small", {}],
  ["large", { config: { "zset-max-listpack-entries": 0 } }],
];

/** Members and tree of a large sorted set must hold the same. */
function checkZset(keyspace: Keyspace, entry: Entry, problem: (text: string) => void): void {
  const zset = new Zset(keyspace, entry);
  try {
    checkTree(keyspace.store, zset.tree, true, true);
    for (let found = zset.seek(0); found; found = zset.next()) {
      zset.read();
      const { memberBuffer, memberStart, memberEnd, memberScore } = zset;
      const member = Buffer.from(memberBuffer.subarray(memberStart, memberEnd));
      const score = zset.score(member, 0, member.length);
      if (!Object.is(score, memberScore)) problem(`a member has the scores ${score} and ${memberScore}`);
    }
    zset.release();
  } catch (error) {
    problem(String(error));
  }
  checkKeyedElements(keyspace, entry, problem);
}

const CHECKERS: ReadonlyMap<number, ValueChecker> = new Map([[TYPE_ID.zset as number, checkZset]]);

/** Lists what is wrong in a keyspace with sorted sets. */
export function zsetProblems(keyspace: Keyspace): readonly string[] {
  keyspace.renewSnapshot();
  const report = checkKeyspace(keyspace, CHECKERS);
  keyspace.store.releaseSnapshot();
  return report.problems;
}

export async function startZsets(t: Test, options: WorkerOptions = {}): Promise<ZsetClient> {
  const client = await startStrings(t, options);
  const { run, worker } = client;
  return {
    ...client,
    problems: () => zsetProblems(worker.server.keyspace),
    async show(key) {
      const reply = await run("ZRANGE", key, 0, -1, "WITHSCORES");
      return (reply as unknown[]).flat().join(" ");
    },
    async fill(key, text) {
      const words = text.split(" ");
      const pairs = words.flatMap((word, i) => (i % 2 === 0 ? [words[i + 1] as string, word] : []));
      await run("ZADD", key, ...pairs);
    },
  };
}
