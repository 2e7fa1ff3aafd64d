/** HELLO, AUTH, SELECT, RESET, QUIT and the CLIENT subcommands of one connection. */
import t from "tap";
import { RespError, startClient } from "../../../support/run.ts";

t.test("HELLO agrees on the protocol, authenticates and names", async (t) => {
  const { run, worker } = await startClient(t, { config: { requirepass: "secret" } });
  t.match(await run("PING"), { message: "NOAUTH Authentication required." });
  t.match(await run("HELLO"), { message: /^NOAUTH HELLO must be called with the client already authenticated/ });
  t.match(await run("HELLO", 4), { message: "NOPROTO unsupported protocol version" });
  t.match(await run("HELLO", "x"), { message: "ERR Protocol version is not an integer or out of range" });
  t.match(await run("HELLO", 3, "AUTH", "default", "wrong"), {
    message: "WRONGPASS invalid username-password pair or user is disabled.",
  });
  t.match(await run("HELLO", 3, "NONSENSE"), { message: "ERR Syntax error in HELLO option 'NONSENSE'" });
  t.match(await run("HELLO", 3, "AUTH", "default", "secret", "SETNAME", "a b"), { message: /^ERR Client names/ });
  const hello = await run("HELLO", 3, "AUTH", "default", "secret", "SETNAME", "me");
  t.ok(hello instanceof Map, "RESP3 answers a map");
  t.equal(await run("CLIENT", "GETNAME"), "me");
  const other = worker.connect();
  t.match(await other.run("AUTH", "nope"), { message: /^WRONGPASS/ });
  t.match(await other.run("AUTH", "someone", "secret"), { message: /^WRONGPASS/ });
  t.equal(await other.run("AUTH", "secret"), "OK");
  t.equal(await other.run("AUTH", "default", "secret"), "OK");
  t.match(await other.run("AUTH", "a", "b", "c"), { message: "ERR syntax error" });
});

t.test("AUTH without a password to check", async (t) => {
  const { run } = await startClient(t);
  t.match(await run("AUTH", "x"), { message: /^ERR AUTH <password> called without any password configured/ });
  t.equal(await run("AUTH", "default", "anything"), "OK");
});

t.test("SELECT", async (t) => {
  const { run } = await startClient(t, { config: { databases: 3 } });
  await run("SET", "k", "zero");
  t.equal(await run("SELECT", 2), "OK");
  t.equal(await run("GET", "k"), null);
  t.same(await run("SELECT", 3), new RespError("ERR DB index is out of range"));
  t.same(await run("SELECT", -1), new RespError("ERR DB index is out of range"));
  t.same(await run("SELECT", "x"), new RespError("ERR value is not an integer or out of range"));
  await run("SELECT", 0);
  t.equal(await run("GET", "k"), "zero");
});

t.test("RESET takes everything back", async (t) => {
  const { run } = await startClient(t);
  await run("SELECT", 1);
  await run("HELLO", 3);
  await run("CLIENT", "SETNAME", "x");
  await run("WATCH", "k");
  await run("MULTI");
  t.equal(await run("RESET"), "RESET");
  t.match(await run("EXEC"), { message: "ERR EXEC without MULTI" });
  t.match(await run("CLIENT", "INFO"), / name= .* db=0 .* multi=-1 .* resp=2 /);
});

t.test("QUIT answers, then closes; what follows it is not run", async (t) => {
  const { client, worker } = await startClient(t);
  const ok = client.run("QUIT");
  void client.run("SET", "late", "1");
  t.equal(await ok, "OK");
  const other = worker.connect();
  t.equal(await other.run("EXISTS", "late"), 0);
  t.ok(client.closed);
});

t.test("CLIENT REPLY", async (t) => {
  const { run, client } = await startClient(t);
  client.send(Buffer.from("CLIENT REPLY SKIP\r\nSET a 1\r\nCLIENT REPLY OFF\r\nSET b 2\r\nGET a\r\n"));
  t.equal(await run("CLIENT", "REPLY", "ON"), "OK", "nothing but this was answered");
  t.same(await run("MGET", "a", "b"), ["1", "2"], "all was run");
  t.same(await run("CLIENT", "REPLY", "MAYBE"), new RespError("ERR syntax error"));
});

t.test("labels", async (t) => {
  const { run } = await startClient(t);
  t.equal(await run("CLIENT", "SETINFO", "LIB-NAME", "redis-py"), "OK");
  t.equal(await run("CLIENT", "SETINFO", "lib-ver", "1.2.3"), "OK");
  t.match(await run("CLIENT", "INFO"), / lib-name=redis-py lib-ver=1\.2\.3\n$/);
  t.match(await run("CLIENT", "SETINFO", "lib-ver", "a b"), {
    message: "ERR lib-ver cannot contain spaces, newlines or special characters.",
  });
  t.match(await run("CLIENT", "SETINFO", "colour", "red"), { message: "ERR Unrecognized option 'colour'" });
  t.match(await run("CLIENT", "SETNAME", "a b"), { message: /^ERR Client names cannot contain spaces/ });
  t.equal(await run("CLIENT", "SETNAME", ""), "OK");
  t.equal(await run("CLIENT", "GETNAME"), null);
  t.match(await run("CLIENT", "NOSUCH"), { message: "ERR unknown subcommand 'NOSUCH'. Try CLIENT HELP." });
  t.match(await run("CLIENT"), { message: "ERR wrong number of arguments for 'client' command" });
  t.match(await run("CLIENT", "ID", "x"), { message: "ERR wrong number of arguments for 'client|id' command" });
});
