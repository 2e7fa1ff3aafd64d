/** A worker in this process with what tests of hashes and sets share. */
import type { Test } from "tap";
import { TYPE_ID } from "../../packages/core/src/codec/format.ts";
import { checkKeyspace } from "../../packages/core/src/keyspace/check.ts";
import { checkKeyedElements } from "../../packages/core/src/types/keyed-elements-check.ts";
import type { Reply, WorkerOptions } from "./run.ts";
import { type StringClient, startStrings } from "./string-client.ts";
import { waitUntil } from "./wait-until.ts";

export interface CollectionClient extends StringClient {
  /** Lists what is wrong in the store; nothing is, in a healthy one. */
  problems(): readonly string[];
  /** Waits until a deadline that was set before, at most `ms` ahead, has passed. */
  pass(ms: number): Promise<void>;
  /** The reply's items in order, so that replies without one can be compared. */
  sorted(...args: readonly (string | number)[]): Promise<string[]>;
}

const CHECKERS = new Map([
  [TYPE_ID.hash as number, checkKeyedElements],
  [TYPE_ID.set as number, checkKeyedElements],
]);

/** Keys and members expire only when they are met, unless `options` say otherwise. */
export async function startCollections(t: Test, options: WorkerOptions = {}): Promise<CollectionClient> {
  const client = await startStrings(t, options);
  const { keyspace } = client.worker.server;
  return {
    ...client,
    problems() {
      keyspace.renewSnapshot();
      const report = checkKeyspace(keyspace, CHECKERS);
      keyspace.store.releaseSnapshot();
      return report.problems;
    },
    async pass(ms) {
      const setMs = Date.now();
      await waitUntil("the deadline has passed", () => Date.now() > setMs + ms + 1);
    },
    async sorted(...args) {
      const reply = await client.run(...args);
      return itemsOf(reply).sort();
    },
  };
}

function itemsOf(reply: Reply): string[] {
  if (reply instanceof Map) return [...reply].flat().map(String);
  if (reply instanceof Set) return [...reply].map(String);
  if (Array.isArray(reply)) return reply.map(String);
  throw new Error(`no collection: ${String(reply)}`);
}

/** Both forms of a collection: as it is, and with limits that make everything large. */
export const FORMS: readonly (readonly [string, WorkerOptions])[] = [
  ["small", {}],
  [
    "large",
    {
      config: {
        "hash-max-listpack-entries": 0,
        "set-max-intset-entries": 0,
        "set-max-listpack-entries": 0,
      },
    },
  ],
];
