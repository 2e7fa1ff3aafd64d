import t from "tap";
import { RespError, startClient } from "../../../support/run.ts";

const arity = (name: string): RespError => new RespError(`ERR wrong number of arguments for '${name}' command`);

t.test("OBJECT", async (t) => {
  const { run, worker } = await startClient(t);
  await run("SET", "i", "123");
  await run("SET", "e", "x".repeat(44));
  await run("SET", "r", "x".repeat(45));
  t.equal(await run("OBJECT", "ENCODING", "i"), "int");
  t.equal(await run("object", "encoding", "e"), "embstr");
  t.equal(await run("OBJECT", "ENCODING", "r"), "raw");
  t.equal(await run("OBJECT", "REFCOUNT", "i"), 2147483647, "small integers are shared");
  t.equal(await run("OBJECT", "REFCOUNT", "e"), 1);
  await run("SET", "i", "10000");
  t.equal(await run("OBJECT", "REFCOUNT", "i"), 1);
  for (const name of ["ENCODING", "REFCOUNT", "IDLETIME", "LASTMODIFIED"]) {
    t.equal(await run("OBJECT", name, "nokey"), null);
    t.same(await run("OBJECT", name), arity(`object|${name.toLowerCase()}`));
    t.same(await run("OBJECT", name, "a", "b"), arity(`object|${name.toLowerCase()}`));
  }
  t.equal(await run("OBJECT", "FREQ", "nokey"), null);
  t.match(
    String(await run("OBJECT", "FREQ", "i")),
    /ERR An LFU maxmemory policy is not selected, access frequency not tracked\. Please note/,
  );
  const { accessClock, keyspace } = worker.server;
  accessClock.restore(keyspace.hashOf(Buffer.from("i"), 0, 1), Date.now(), 50, null);
  const idle = async (): Promise<number> => (await run("OBJECT", "IDLETIME", "i")) as number;
  t.ok([50, 51].includes(await idle()));
  t.ok([50, 51].includes(await idle()), "looking is no use");
  await run("GET", "i");
  t.equal(await run("OBJECT", "IDLETIME", "i"), 0);
  t.equal(await run("OBJECT", "LASTMODIFIED", "i"), 0);
  const help = (await run("OBJECT", "HELP")) as string[];
  t.equal(help.length, 15);
  t.equal(help[0], "OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
  t.same(await run("OBJECT"), arity("object"));
  t.same(await run("OBJECT", "FOO"), new RespError("ERR unknown subcommand 'FOO'. Try OBJECT HELP."));
});

t.test("OBJECT under an LFU policy", async (t) => {
  const { run } = await startClient(t, { config: { "maxmemory-policy": "volatile-lfu" } });
  await run("SET", "a", "1");
  t.equal(await run("OBJECT", "FREQ", "a"), 5);
  for (let i = 0; i < 50; i++) await run("GET", "a");
  const frequency = (await run("OBJECT", "FREQ", "a")) as number;
  t.ok(frequency > 5 && frequency < 40, `${frequency} after 50 uses`);
  t.match(
    String(await run("OBJECT", "IDLETIME", "a")),
    /ERR An LFU maxmemory policy is selected, idle time not tracked\. Please note/,
  );
});
