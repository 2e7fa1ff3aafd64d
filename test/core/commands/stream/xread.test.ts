import t from "tap";
import { type RespError, startClient } from "../../../support/run.ts";

t.test("XREAD", async (t) => {
  const { run } = await startClient(t);
  await run("XADD", "a", "1-1", "f", "1");
  await run("XADD", "a", "2-1", "f", "2");
  await run("XADD", "b", "1-1", "g", "3");
  t.same(await run("XREAD", "STREAMS", "a", "b", "missing", "1-1", "0", "0"), [
    ["a", [["2-1", ["f", "2"]]]],
    ["b", [["1-1", ["g", "3"]]]],
  ]);
  t.same(await run("XREAD", "COUNT", "1", "STREAMS", "a", "0"), [["a", [["1-1", ["f", "1"]]]]]);
  t.equal(await run("XREAD", "STREAMS", "a", "$"), null);
  t.equal(await run("XREAD", "STREAMS", "a", "18446744073709551615-18446744073709551615"), null);
  await run("HELLO", "3");
  t.same(await run("XREAD", "STREAMS", "b", "0"), new Map([["b", [["1-1", ["g", "3"]]]]]));
  t.match((await run("XREAD", "STREAMS", "a", "b", "0")) as RespError, /Unbalanced 'xread' list of streams.*'\$'/);
  t.match((await run("XREAD", "STREAMS", "a", ">")) as RespError, /> ID can be specified only when calling XREADGROUP/);
  t.match((await run("XREAD", "GROUP", "g", "c", "STREAMS", "a", "0")) as RespError, /GROUP option is only supported/);
  t.match((await run("XREAD", "NOACK", "STREAMS", "a", "0")) as RespError, /NOACK option is only supported/);
  t.match((await run("XREAD", "COUNT", "1", "NOSTREAMS", "a", "0")) as RespError, /syntax error/);
  await run("SET", "string", "x");
  t.match((await run("XREAD", "STREAMS", "string", "0")) as RespError, /WRONGTYPE/);
});

t.test("XREADGROUP", async (t) => {
  const { run } = await startClient(t);
  for (let i = 1; i <= 4; i++) await run("XADD", "s", `${i}-0`, "f", `${i}`);
  await run("XGROUP", "CREATE", "s", "g", "1-0");
  const read = (...args: string[]) => run("XREADGROUP", "GROUP", "g", ...args);
  t.same(await read("c", "COUNT", "2", "STREAMS", "s", ">"), [
    [
      "s",
      [
        ["2-0", ["f", "2"]],
        ["3-0", ["f", "3"]],
      ],
    ],
  ]);
  await run("XDEL", "s", "2-0");
  t.same(await read("c", "STREAMS", "s", "0"), [
    [
      "s",
      [
        ["2-0", null],
        ["3-0", ["f", "3"]],
      ],
    ],
  ]);
  t.same(await read("other", "STREAMS", "s", "0"), [["s", []]], "the history of a new consumer is empty");
  t.same(await read("other", "NOACK", "STREAMS", "s", ">"), [["s", [["4-0", ["f", "4"]]]]]);
  t.equal(await read("other", "STREAMS", "s", ">"), null);
  t.same(await run("XPENDING", "s", "g"), [2, "2-0", "3-0", [["c", "2"]]]);
  t.match(
    (await run("XREADGROUP", "GROUP", "no", "c", "STREAMS", "s", ">")) as RespError,
    /NOGROUP No such key .s. or consumer group .no. in XREADGROUP with GROUP option/,
  );
  t.match((await read("c", "STREAMS", "missing", ">")) as RespError, /NOGROUP/);
  t.match((await read("c", "STREAMS", "s", "$")) as RespError, /The \$ ID is meaningless/);
  t.match((await run("XREADGROUP", "COUNT", "1", "NOACK", "STREAMS", "s", "x")) as RespError, /arguments|GROUP/);
});

t.test("blocking", async (t) => {
  const { worker, run } = await startClient(t);
  const other = worker.connect();
  // Timeouts of blocked clients alone do not keep a process alive.
  const alive = setInterval(() => {}, 1000);
  t.teardown(() => clearInterval(alive));
  const waiting = run("XREAD", "BLOCK", "0", "STREAMS", "s", "t", "$", "0");
  while (!/blocked_clients:1/.test(String(await other.run("INFO", "clients")))) await other.run("PING");
  await other.run("XADD", "s", "5-5", "f", "v");
  t.same(await waiting, [["s", [["5-5", ["f", "v"]]]]]);
  t.equal(await run("XREAD", "BLOCK", "10", "STREAMS", "s", "$"), null);
  await run("XGROUP", "CREATE", "s", "g", "$");
  const member = run("XREADGROUP", "GROUP", "g", "c", "BLOCK", "0", "STREAMS", "s", ">");
  while (!/blocked_clients:1/.test(String(await other.run("INFO", "clients")))) await other.run("PING");
  await other.run("XGROUP", "DESTROY", "s", "g");
  t.match((await member) as RespError, /NOGROUP/);
  t.match((await run("XREAD", "BLOCK", "-1", "STREAMS", "s", "$")) as RespError, /timeout is negative/);
  t.match((await run("XREAD", "BLOCK", "x", "STREAMS", "s", "$")) as RespError, /timeout is not an integer/);
  t.equal(await run("MULTI"), "OK");
  await run("XREAD", "BLOCK", "0", "STREAMS", "s", "$");
  t.same(await run("EXEC"), [null]);
});
