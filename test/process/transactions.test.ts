/** MULTI, EXEC and WATCH with the two clients on different processes. */
import t from "tap";
import type { RespClient } from "../support/resp-client.ts";
import { connectEach, type ServerProcess, startServer } from "../support/server.ts";
import { waitUntil } from "../support/wait-until.ts";

// Starts of servers take long on a loaded machine.
t.setTimeout(180_000);

const WORKERS = 2;

async function pair(server: ServerProcess): Promise<[RespClient, RespClient]> {
  const [a, b] = await connectEach(server, WORKERS);
  if (a === undefined || b === undefined) throw new Error("no clients");
  return [a, b];
}

/** What another client does between WATCH and EXEC, and whether EXEC must still run. */
interface Case {
  readonly name: string;
  readonly before?: readonly string[][];
  readonly between: readonly string[][];
  readonly runs: boolean;
}

const CASES: readonly Case[] = [
  { name: "nothing", between: [], runs: true },
  { name: "another key", between: [["SET", "other", "1"]], runs: true },
  { name: "the same value again", before: [["SET", "k", "1"]], between: [["SET", "k", "1"]], runs: false },
  { name: "an expiry", before: [["SET", "k", "1"]], between: [["PEXPIRE", "k", "1000000"]], runs: false },
  { name: "creation", between: [["SET", "k", "1"]], runs: false },
  {
    name: "creation and deletion",
    between: [
      ["SET", "k", "1"],
      ["DEL", "k"],
    ],
    runs: false,
  },
  { name: "deletion", before: [["SET", "k", "1"]], between: [["DEL", "k"]], runs: false },
  { name: "deletion of an absent key", between: [["DEL", "k"]], runs: true },
  {
    name: "deletion and the same value",
    before: [["SET", "k", "1"]],
    between: [
      ["DEL", "k"],
      ["SET", "k", "1"],
    ],
    runs: false,
  },
  { name: "renaming away", before: [["SET", "k", "1"]], between: [["RENAME", "k", "k2"]], runs: false },
  { name: "renaming onto", before: [["SET", "k2", "1"]], between: [["RENAME", "k2", "k"]], runs: false },
  { name: "FLUSHALL with the key", before: [["SET", "k", "1"]], between: [["FLUSHALL"]], runs: false },
  { name: "creation and FLUSHALL", between: [["SET", "k", "1"], ["FLUSHALL"]], runs: false },
  { name: "FLUSHALL without the key", between: [["FLUSHALL"]], runs: true },
  {
    name: "FLUSHDB of another database",
    before: [["SET", "k", "1"]],
    between: [["SELECT", "1"], ["FLUSHDB"], ["SELECT", "0"]],
    runs: true,
  },
  { name: "SWAPDB with the key", before: [["SET", "k", "1"]], between: [["SWAPDB", "0", "1"]], runs: false },
  {
    name: "SWAPDB there and back",
    before: [["SET", "k", "1"]],
    between: [
      ["SWAPDB", "0", "1"],
      ["SWAPDB", "0", "1"],
    ],
    runs: false,
  },
  { name: "SWAPDB of others", before: [["SET", "k", "1"]], between: [["SWAPDB", "2", "3"]], runs: true },
  { name: "a read", before: [["SET", "k", "1"]], between: [["GET", "k"]], runs: true },
];

t.test("WATCH notices what is done through another process", async (t) => {
  const server = await startServer({ processes: WORKERS, t });
  const [a, b] = await pair(server);
  for (const { name, before = [], between, runs } of CASES) {
    await b.ok("FLUSHALL");
    for (const command of before) await b.ok(...command);
    await a.ok("WATCH", "k");
    for (const command of between) await b.ok(...command);
    await a.ok("MULTI");
    await a.ok("ECHO", "ran");
    t.same(await a.ok("EXEC"), runs ? ["ran"] : null, name);
    await a.ok("UNWATCH");
  }
});

t.test("WATCH notices expiry", async (t) => {
  const server = await startServer({ processes: WORKERS, t });
  const [a, b] = await pair(server);
  await b.ok("SET", "k", "1", "PX", "30");
  await a.ok("WATCH", "k");
  await waitUntil("the key is gone", async () => (await b.ok("EXISTS", "k")) === 0);
  await a.ok("MULTI");
  await a.ok("PING");
  t.equal(await a.ok("EXEC"), null, "the key was there at WATCH");
  await a.ok("WATCH", "k");
  await a.ok("MULTI");
  await a.ok("PING");
  t.same(await a.ok("EXEC"), ["PONG"], "it was gone at WATCH");
});

t.test("EXEC is one step for every process", async (t) => {
  const server = await startServer({ processes: WORKERS, t });
  const [a, b] = await pair(server);
  const rounds = 500;
  let torn = 0;
  const writer = (async () => {
    for (let i = 0; i < rounds; i++) {
      await a.ok("MULTI");
      for (const key of ["x", "y", "z"]) await a.ok("SET", key, i);
      await a.ok("EXEC");
    }
    return true;
  })();
  let done = false;
  writer.then(() => {
    done = true;
  });
  while (!done) {
    const values = (await b.ok("MGET", "x", "y", "z")) as unknown[];
    if (new Set(values).size !== 1) torn++;
  }
  await writer;
  t.equal(torn, 0);
  t.same(await b.ok("MGET", "x", "y", "z"), ["499", "499", "499"]);
});

t.test("errors in a transaction", async (t) => {
  const server = await startServer({ processes: WORKERS, t });
  const [a, b] = await pair(server);
  await a.ok("MULTI");
  t.match(await a.call("NOSUCH"), { message: /unknown command/ });
  t.match(await a.call("EXEC"), { message: "EXECABORT Transaction discarded because of previous errors." });
  await a.ok("MULTI");
  t.match(await a.call("SET", "a"), { message: /wrong number/ });
  t.match(await a.call("EXEC"), { message: /^EXECABORT/ });
  await a.ok("MULTI");
  t.match(await a.call("MULTI"), { message: "ERR MULTI calls can not be nested" });
  t.match(await a.call("WATCH", "k"), { message: "ERR WATCH inside MULTI is not allowed" });
  await a.ok("SET", "k", "v");
  await a.ok("INCR", "k");
  await a.ok("SET", "k2", "v2");
  t.match(await a.ok("EXEC"), ["OK", { message: /not an integer/ }, "OK"], "a failed command does not undo the others");
  t.equal(await b.ok("GET", "k2"), "v2");
  await a.ok("MULTI");
  await a.ok("SET", "k", "dropped");
  await a.ok("DISCARD");
  t.equal(await b.ok("GET", "k"), "v");
  t.match(await a.call("EXEC"), { message: "ERR EXEC without MULTI" });
  t.match(await a.call("DISCARD"), { message: "ERR DISCARD without MULTI" });
});

t.test("CLIENT LIST and INFO inside EXEC show the transaction", async (t) => {
  const server = await startServer({ processes: WORKERS, t });
  const [a, b] = await pair(server);
  const id = String(await a.ok("CLIENT", "ID"));
  await a.ok("MULTI");
  await a.ok("CLIENT", "INFO");
  await a.ok("CLIENT", "LIST", "ID", id);
  await a.ok("SET", "k", "v");
  const [info, list] = (await a.ok("EXEC")) as string[];
  t.match(info, / flags=x .* multi=3 .* cmd=exec /);
  t.match(list, / flags=x .* multi=3 /);
  t.match(await b.ok("CLIENT", "LIST", "ID", id), / flags=N .* multi=-1 /, "afterwards it is over");
});

t.test("a command of a transaction that must ask other processes fails alone", async (t) => {
  const server = await startServer({ processes: WORKERS, t });
  const [a, b] = await pair(server);
  const wrong = [
    ["CLIENT", "KILL", "ID", "x"],
    ["CLIENT", "LIST", "TYPE", "x"],
    ["CLIENT", "TRACKING", "ON", "x"],
    ["CLIENT", "PAUSE", "x"],
    ["CLIENT", "UNBLOCK", "x"],
    ["CONFIG", "SET", "maxmemory", "x"],
    ["SLOWLOG", "GET", "-2"],
  ];
  await a.ok("MULTI");
  for (const command of wrong) t.equal(await a.ok(...command), "QUEUED", command.join(" "));
  await a.ok("SET", "k", "1");
  const replies = (await a.call("EXEC")) as unknown[];
  t.equal(replies.length, wrong.length + 1);
  for (const [i, command] of wrong.entries()) t.ok(replies[i] instanceof Error, command.join(" "));
  t.equal(replies.at(-1), "OK");
  t.equal(await b.ok("GET", "k"), "1");
  t.equal(await a.ok("GET", "k"), "1", "the transaction is over");
  const info = String(await b.ok("INFO", "commandstats"));
  t.match(info, /cmdstat_client\|kill:calls=1,.*failed_calls=1/);
});
