/** A write batch that fails: every command of it answers an error, none is left without a reply, and all go on. */
import { SHARED_WORD } from "@keydb-ts/core/contracts";
import t from "tap";
import { encodeCommand } from "../../support/resp-client.ts";
import { startClient } from "../../support/run.ts";

const FAILED = "ERR the write could not be committed to the store";

/** A client of a worker that is not the leader: no work of its own commits anything. */
async function startFollower(t: Parameters<typeof startClient>[0]): ReturnType<typeof startClient> {
  const started = await startClient(t);
  Atomics.store(started.worker.shared.words, SHARED_WORD.leader_slot, started.worker.shared.slot + 1);
  return started;
}

/** Replies as plain values; an error as its text. */
function shown(reply: unknown): unknown {
  return reply instanceof Error ? reply.message : reply;
}

t.test("a commit that fails", async (t) => {
  const { worker, client } = await startFollower(t);
  const other = worker.connect();
  const third = worker.connect();
  const { store } = worker;
  const commit = store.commit.bind(store);
  store.commit = () => {
    store.commit = commit;
    throw new Error("disk full");
  };
  // One turn: reads before the writes are answered, the writes of all clients fail together.
  const replies = await Promise.all([
    client.run("GET", "a"),
    client.run("SET", "a", "1"),
    client.run("INCR", "a"),
    client.run("GET", "a"),
    other.run("SET", "b", "1"),
    third.run("PING"),
  ]);
  t.same(replies.map(shown), [null, FAILED, FAILED, FAILED, FAILED, "PONG"]);
  t.match(worker.warnings.join("\n"), /write batch failed: Error: disk full/);
  t.equal(await client.run("EXISTS", "a", "b"), 0, "nothing of it is there");
  t.equal(await other.run("SET", "b", "2"), "OK");
  t.equal(await client.run("GET", "b"), "2");
});

t.test("a commit that fails when the batch was full before all had run", async (t) => {
  const { worker, client } = await startFollower(t);
  const other = worker.connect();
  const { store } = worker;
  const commands = 9000; // more than a batch takes
  let answered = 0;
  let failed = 0;
  const all: Promise<unknown>[] = [];
  const count = (reply: unknown): void => {
    answered++;
    if (shown(reply) === FAILED) failed++;
  };
  const commit = store.commit.bind(store);
  store.commit = () => {
    store.commit = commit;
    throw new Error("disk full");
  };
  for (let i = 0; i < commands; i++) all.push(client.run("INCR", "n").then(count));
  const late = other.run("SET", "late", "1");
  await Promise.all(all);
  t.equal(answered, commands);
  t.equal(await client.run("GET", "n"), String(commands - failed), "as many as were acknowledged");
  t.ok(failed > 0);
  const reply = shown(await late);
  t.ok(reply === "OK" || reply === FAILED);
  t.equal(await other.run("GET", "late"), reply === "OK" ? "1" : null);
  t.equal(await other.run("PING"), "PONG", "no reply too many");
});

t.test("a command that fails in the middle", async (t) => {
  const { worker, client } = await startFollower(t);
  const other = worker.connect();
  const third = worker.connect();
  const { store } = worker;
  const put = store.put.bind(store);
  const putFrom = store.putFrom.bind(store);
  let left = 3;
  const failing = (): boolean => --left === 0;
  store.put = (keyLength, valueLength) => {
    if (failing()) throw new Error("no more");
    put(keyLength, valueLength);
  };
  store.putFrom = (keyLength, value, start, end) => {
    if (failing()) throw new Error("no more");
    putFrom(keyLength, value, start, end);
  };
  const replies = await Promise.all([
    client.run("SET", "a", "1"),
    client.run("SET", "b", "1"),
    client.run("SET", "c", "1"),
    client.run("ECHO", "after"),
    other.run("SET", "d", "1"),
    other.run("ECHO", "too"),
    third.run("ECHO", "three"),
  ]);
  const texts = replies.map(shown);
  t.same(texts.slice(0, 2), [FAILED, FAILED], "the command that failed and the one before it in the txn");
  t.same(
    texts.slice(2),
    ["OK", "after", "OK", "too", "three"],
    "what came after the failure runs as if nothing had been",
  );
  t.match(worker.warnings.join("\n"), /internal error in 'set'/);
  t.equal(await client.run("EXISTS", "a", "b"), 0);
  t.equal(await client.run("EXISTS", "c", "d"), 2);
});

t.test("one pipeline that is sent at once", async (t) => {
  const { worker, client } = await startFollower(t);
  const { store } = worker;
  const commit = store.commit.bind(store);
  store.commit = () => {
    store.commit = commit;
    throw new Error("disk full");
  };
  const replies = [client.next(), client.next(), client.next(), client.next()];
  client.send(
    Buffer.concat([["GET", "x"], ["SET", "x", "1"], ["GET", "x"], ["PING"]].map((args) => encodeCommand(args))),
  );
  t.same((await Promise.all(replies)).map(shown), [null, FAILED, FAILED, FAILED]);
  t.equal(await client.run("GET", "x"), null);
});
