// KEYDB.NHSET and KEYDB.NHGET: nested hashes.
import t from "tap";
import { startCollections } from "../../../support/collection-client.ts";
import { RespError } from "../../../support/run.ts";
import { startServer } from "../../../support/server.ts";
import { wrongArity } from "../../../support/string-client.ts";
import { waitUntil } from "../../../support/wait-until.ts";

const SYNTAX = new RespError("ERR syntax error");
const MISSING = new RespError("ERR no such key");
const WRONGTYPE = new RespError("WRONGTYPE Operation against a key holding the wrong kind of value");

t.test("texts, lists and dictionaries at paths", async (t) => {
  const { run, problems } = await startCollections(t);
  t.equal(await run("KEYDB.NHSET", "k.a", "x"), 0);
  t.equal(await run("KEYDB.NHSET", "k.a", "y"), 1);
  t.equal(await run("KEYDB.NHGET", "k.a"), "y");
  t.equal(await run("KEYDB.NHSET", "k.b.c", "1", "2", "3"), 0);
  t.same(await run("KEYDB.NHGET", "k.b.c"), ["1", "2", "3"]);
  t.same(await run("KEYDB.NHGET", "k.b"), [["c", ["1", "2", "3"]]], "one entry is a list of one pair");
  t.same(await run("KEYDB.NHGET", "RESP", "k"), [
    ["a", "y"],
    ["b", [["c", ["1", "2", "3"]]]],
  ]);
  t.equal(await run("KEYDB.NHGET", "json", "k"), '{"a" : "y","b" : {"c" : ["1","2","3"]}}');
  t.equal(await run("KEYDB.NHSET", "k.a.deep", "z"), 0, "a text on the way becomes a dictionary");
  t.equal(await run("KEYDB.NHGET", "json", "k.a"), '{"deep" : "z"}');
  t.equal(await run("KEYDB.NHSET", "k.b", "flat"), 1);
  t.same(await run("KEYDB.NHGET", "k.b.c"), MISSING);
  t.same(await run("KEYDB.NHGET", "k.none"), MISSING);
  t.same(await run("KEYDB.NHGET", "none"), MISSING);
  t.same(problems(), []);
});

t.test("a root without names below, and plain strings", async (t) => {
  const { run } = await startCollections(t);
  t.equal(await run("KEYDB.NHSET", "k", "x"), 0);
  t.equal(await run("KEYDB.NHSET", "k", "y", "z"), 1);
  t.same(await run("KEYDB.NHGET", "k"), ["y", "z"]);
  await run("SET", "s", 'a "quoted"\ntext');
  t.equal(await run("KEYDB.NHGET", "s"), 'a "quoted"\ntext');
  t.equal(await run("KEYDB.NHGET", "json", "s"), '"a \\"quoted\\"\\ntext"');
  t.same(await run("KEYDB.NHSET", "s.a", "x"), WRONGTYPE);
  await run("RPUSH", "l", "a");
  t.same(await run("KEYDB.NHGET", "l"), WRONGTYPE);
  t.same(await run("HGET", "k", "a"), WRONGTYPE);
});

t.test("paths and arguments that are none", async (t) => {
  const { run } = await startCollections(t);
  for (const path of ["", ".", "a.", ".a", "a..b", "a.".repeat(200) + "a"]) {
    t.same(await run("KEYDB.NHSET", path, "x"), SYNTAX, path.slice(0, 20));
    t.same(await run("KEYDB.NHGET", path), SYNTAX);
  }
  t.same(await run("KEYDB.NHGET", "xml", "k"), SYNTAX);
  t.same(await run("KEYDB.NHGET", "json", "k", "x"), SYNTAX);
  t.same(await run("KEYDB.NHGET"), wrongArity("keydb.nhget"));
  t.same(await run("KEYDB.NHSET", "k"), wrongArity("keydb.nhset"));
  t.equal(await run("EXISTS", "k"), 0);
});

t.test("it is a key like others: name, expiry, copies, size, WATCH", async (t) => {
  const { run, worker, problems } = await startCollections(t);
  await run("KEYDB.NHSET", "k.a", "x");
  t.equal(await run("TYPE", "k"), "unknown");
  t.equal(await run("EXPIRE", "k", 100), 1);
  t.equal(await run("EXPIRE", "k.a", 100), 0);
  await run("KEYDB.NHSET", "k.b", "y".repeat(100_000));
  t.equal(await run("TTL", "k"), 100, "a change keeps it");
  t.equal(await run("COPY", "k", "copy"), 1);
  t.same(await run("DEBUG", "DIGEST-VALUE", "copy"), await run("DEBUG", "DIGEST-VALUE", "k"));
  t.ok(Number(await run("MEMORY", "USAGE", "k")) > 100_000);
  t.equal(await run("RENAME", "copy", "moved"), "OK");
  t.equal(await run("KEYDB.NHGET", "moved.a"), "x");
  await run("WATCH", "k");
  await worker.connect().run("KEYDB.NHSET", "k.c", "z");
  await run("MULTI");
  t.equal(await run("EXEC"), null);
  await run("KEYDB.NHSET", "k.b", "short");
  t.same(problems(), [], "no chunk is left over");
  t.equal(await run("DEL", "k", "moved"), 2);
  t.same(problems(), []);
});

t.test("its key is the path up to the first dot", async (t) => {
  const { run } = await startCollections(t);
  t.same(await run("COMMAND", "GETKEYS", "KEYDB.NHSET", "k.a.b", "x"), ["k"]);
  t.same(await run("COMMAND", "GETKEYS", "KEYDB.NHGET", "json", "k.a.b"), ["k"]);
  t.same(await run("COMMAND", "GETKEYS", "KEYDB.NHGET", "k"), ["k"]);
  t.same(await run("COMMAND", "GETKEYS", "GET", "k.a"), ["k.a"]);
});

t.test("who has read a part is told of a change of another", async (t) => {
  const server = await startServer({ t });
  const [reader, writer] = [await server.connect(), await server.connect()];
  await reader.ok("HELLO", "3");
  await reader.ok("CLIENT", "TRACKING", "ON");
  await writer.ok("KEYDB.NHSET", "k.a", "x");
  await reader.ok("KEYDB.NHGET", "k.a");
  await writer.ok("KEYDB.NHSET", "k.b", "y");
  await waitUntil("the invalidation", () => reader.pushes.length > 0);
  t.same(reader.pushes, [["invalidate", ["k"]]]);
});

t.test("it outlives its server, and every process sees it", async (t) => {
  const server = await startServer({ t });
  const client = await server.connect();
  await client.ok("KEYDB.NHSET", "k.a.b", "x", "y");
  await client.close();
  await server.kill9();
  await server.boot();
  for (let i = 0; i < 4; i++) {
    const other = await server.connect();
    t.same(await other.ok("KEYDB.NHGET", "k.a.b"), ["x", "y"]);
    t.match(await other.ok("DEBUG", "OBJECT", "k"), /encoding/);
    await other.close();
  }
});
