/** A worker in this process with what tests of the string and bitmap commands share. */
import type { Test } from "tap";
import { TYPE_ID } from "../../packages/core/src/codec/format.ts";
import type { Argument } from "./resp-client.ts";
import { type Reply, RespError, startClient, type TestWorker, type WorkerOptions } from "./run.ts";
import { waitUntil } from "./wait-until.ts";

type Run = (...args: readonly Argument[]) => Promise<Reply>;

export const WRONGTYPE = new RespError("WRONGTYPE Operation against a key holding the wrong kind of value");
export const NOT_AN_INTEGER = new RespError("ERR value is not an integer or out of range");
export const SYNTAX_ERROR = new RespError("ERR syntax error");
/** Redis keeps longer values outside of the object. */
export const EMBSTR_MAX = 44;
/** Longest value in a record, and bytes per chunk of a longer one: where the edges are. */
export { CHUNK_BYTES } from "../../packages/core/src/keyspace/chunks.ts";
export { INLINE_STRING_MAX } from "../../packages/core/src/types/string.ts";

export function wrongArity(name: string): RespError {
  return new RespError(`ERR wrong number of arguments for '${name}' command`);
}

export interface StringClient {
  readonly run: Run;
  readonly worker: TestWorker;
  encoding(key: string): Promise<Reply>;
  /** Makes `key` hold `value` and waits until its expiry has come; nobody has deleted it yet. */
  setDue(key: string, value: Argument): Promise<void>;
}

/** The database holds one key of another type, `list`. Keys expire only when they are met. */
export async function startStrings(t: Test, options: WorkerOptions = {}): Promise<StringClient> {
  const { client, worker } = await startClient(t, { activeExpire: false, ...options });
  // Byte for byte, as replies are.
  const bytes = (word: Argument): Argument => (typeof word === "string" ? Buffer.from(word, "latin1") : word);
  const run: Run = (...args) => client.run(...args.map(bytes));
  const { keyspace } = worker.server;
  const name = Buffer.from("list");
  keyspace.begin(1000);
  const end = keyspace.startRecord(name, 0, name.length, null, TYPE_ID.list, 3, -1);
  keyspace.endRecord(0, name, 0, name.length, null, -1, end);
  keyspace.commit(false);
  return {
    run,
    worker,
    encoding: (key) => run("OBJECT", "ENCODING", key),
    async setDue(key, value) {
      await run("SET", key, value, "PX", 1);
      const setMs = Date.now();
      await waitUntil(`${key} is due`, () => Date.now() > setMs + 2);
    },
  };
}

/**
 * What holds for every command with a key as its first argument: `args` with the key's place marked by KEY. A missing key
 * and one that is due give `missing`, in RESP2 and RESP3.
 */
export async function checkCommon(t: Test, args: readonly Argument[], missing: Reply): Promise<void> {
  const { run, setDue } = await startStrings(t);
  const on = (key: string): Argument[] => args.map((word) => (word === "KEY" ? key : word));
  const name = String(args[0]);
  t.same(await run(name), wrongArity(name.toLowerCase()), "wrong arity");
  for (const resp of [2, 3]) {
    await run("HELLO", resp);
    t.same(await run(...on(`missing:${resp}`)), missing, `missing key, RESP${resp}`);
    await setDue(`due:${resp}`, "12");
    t.same(await run(...on(`due:${resp}`)), missing, `key that is due, RESP${resp}`);
  }
}

/** The command refuses a key of another type and leaves it alone. */
export async function checkWrongType(t: Test, args: readonly Argument[], error: RespError = WRONGTYPE): Promise<void> {
  const { run } = await startStrings(t);
  t.same(await run(...args.map((word) => (word === "KEY" ? "list" : word))), error, "wrong type");
  t.same(await run("TYPE", "list"), "list");
}
