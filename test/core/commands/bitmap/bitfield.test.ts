import t from "tap";
import { type Reply, RespError } from "../../../support/run.ts";
import {
  CHUNK_BYTES,
  checkCommon,
  checkWrongType,
  INLINE_STRING_MAX,
  NOT_AN_INTEGER,
  SYNTAX_ERROR,
  startStrings,
} from "../../../support/string-client.ts";

const TYPE_ERROR = new RespError(
  "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.",
);
const OFFSET_ERROR = new RespError("ERR bit offset is not an integer or out of range");

t.test("BITFIELD", async (t) => {
  await checkCommon(t, ["BITFIELD", "KEY"], []);
  await checkCommon(t, ["BITFIELD", "KEY", "GET", "u8", 0], [0]);
  await checkCommon(t, ["BITFIELD", "KEY", "SET", "u8", 0, 5], [0]);
  await checkCommon(t, ["BITFIELD_RO", "KEY", "GET", "u8", 0], [0]);
  await checkWrongType(t, ["BITFIELD", "KEY", "GET", "u8", 0]);
  await checkWrongType(t, ["BITFIELD", "KEY", "INCRBY", "u8", 0, 1]);
  await checkWrongType(t, ["BITFIELD_RO", "KEY", "GET", "u8", 0]);
  const { run, encoding } = await startStrings(t);
  const field = (text: string): Promise<Reply> => run("BITFIELD", ...text.split(" "));
  t.same(await field("a SET i8 0 -100 GET u8 0 get i8 0 INCRBY i5 100 1 GET u8 100"), [0, 156, -100, 1, 8]);
  t.same(await field("b SET u8 #0 1 SET u8 #1 2 SET u16 #1 3 GET u32 0"), [0, 0, 0, 0x01020003]);
  t.equal(await run("GET", "b"), "\x01\x02\0\x03");
  t.equal(await encoding("b"), "raw");
  await run("SET", "n", "7", "EX", 100);
  t.same(await field("n GET u8 0"), [0x37]);
  t.equal(await encoding("n"), "int");
  t.same(await field("n SET u8 0 55"), [0x37]);
  t.equal(await encoding("n"), "raw", "held as raw although nothing changed");
  t.same(await field("n INCRBY u8 0 1"), [0x38]);
  t.equal(await run("TTL", "n"), 100);
});

t.test("overflow", async (t) => {
  const { run } = await startStrings(t);
  const field = (text: string): Promise<Reply> => run("BITFIELD", ...text.split(" "));
  t.same(await field("a SET u8 0 250 INCRBY u8 0 10"), [0, 4]);
  t.same(await field("a OVERFLOW SAT INCRBY u8 0 300 overflow fail INCRBY u8 0 1"), [255, null]);
  t.same(await field("a OVERFLOW FAIL SET u4 0 16 SET u4 0 3 OVERFLOW WRAP SET u4 0 17 GET u4 0"), [null, 15, 3, 1]);
  t.same(await field("i SET i64 0 9223372036854775807 INCRBY i64 0 1"), [0, -9223372036854775808n]);
  t.same(await field("new OVERFLOW FAIL SET u1 20 5"), [null]);
  t.equal(await run("GET", "new"), "\0\0\0", "the string grows although nothing was set");
  await run("HELLO", 3);
  t.same(await field("new OVERFLOW FAIL SET u1 20 5"), [null]);
});

t.test("errors change nothing", async (t) => {
  const { run } = await startStrings(t);
  const error = async (text: string, wanted: RespError): Promise<void> => {
    t.same(await run("BITFIELD", "a", "SET", "u8", 0, 1, ...text.split(" ")), wanted, text);
  };
  for (const type of ["u64", "i65", "u0", "i0", "x8", "8", "i08", "u"]) await error(`GET ${type} 0`, TYPE_ERROR);
  for (const offset of ["-1", "x", "4294967296", "#-1", "#", "#x", "#536870912"])
    await error(`GET u8 ${offset}`, OFFSET_ERROR);
  await error("OVERFLOW foo", new RespError("ERR Invalid OVERFLOW type specified"));
  for (const text of ["GET", "GET u8", "SET u8 0", "FOO", "OVERFLOW", "INCRBY u8 0"]) await error(text, SYNTAX_ERROR);
  await error("INCRBY u8 0 x", NOT_AN_INTEGER);
  t.equal(await run("EXISTS", "a"), 0);
  const readOnly = new RespError("ERR BITFIELD_RO only supports the GET subcommand");
  t.same(await run("BITFIELD_RO", "a", "GET", "u8", 0, "SET", "u8", 0, 1), readOnly);
  t.same(await run("BITFIELD_RO", "a", "INCRBY", "u8", 0, 1), readOnly);
});

t.test("in chunks and across their edges", async (t) => {
  const { run } = await startStrings(t);
  const edges = [INLINE_STRING_MAX * 8, CHUNK_BYTES * 8, 2 * CHUNK_BYTES * 8, 9 * CHUNK_BYTES * 8, 2 ** 32].map(
    (bit) => bit - 33,
  );
  for (const [i, at] of edges.entries()) {
    const offset = Math.min(at, 2 ** 32 - 64);
    t.same(
      await run("BITFIELD", "a", "SET", "i64", offset, -2 - i, "GET", "i64", offset),
      [0, -2 - i],
      `bit ${offset}`,
    );
    t.same(await run("BITFIELD", "a", "INCRBY", "i64", offset, 1), [-1 - i]);
  }
  t.equal(await run("STRLEN", "a"), 2 ** 29);
  for (const [i, at] of edges.entries()) {
    t.same(await run("BITFIELD_RO", "a", "GET", "i64", Math.min(at, 2 ** 32 - 64)), [-1 - i]);
  }
  t.same(await run("BITFIELD", "a", "GET", "u8", 2 ** 32 - 1), [0x80], "zero behind the end");
});

t.test("WATCH notices what changed", async (t) => {
  const { run } = await startStrings(t);
  const noticed = async (...words: string[]): Promise<boolean> => {
    await run("SET", "a", "1");
    await run("WATCH", "a");
    await run("BITFIELD", "a", ...words);
    await run("MULTI");
    await run("PING");
    return (await run("EXEC")) === null;
  };
  t.equal(await noticed("SET", "u8", "0", "49"), false);
  t.equal(await noticed("GET", "u8", "0"), false);
  t.equal(await noticed("OVERFLOW", "FAIL", "SET", "u8", "0", "256"), false);
  t.equal(await noticed("SET", "u8", "0", "50"), true);
  t.equal(await noticed("SET", "u8", "8", "0"), true, "it grew");
});

t.test("key flags and access follow the operations", async (t) => {
  const { worker } = await startStrings(t);
  const spec = worker.server.registry.get("bitfield")?.spec;
  const { Args } = await import("../../../../packages/core/src/resp/args.ts");
  const args = (text: string) => Args.of(text.split(" ").map((word) => Buffer.from(word)));
  t.same(spec?.keysBy?.(args("BITFIELD k GET u8 0 OVERFLOW SAT")), [{ index: 1, flags: ["RO", "access"] }]);
  const changing = [{ index: 1, flags: ["RW", "access", "update"] }];
  t.same(spec?.keysBy?.(args("BITFIELD k GET u8 0 SET u8 0 1")), changing);
  t.same(spec?.keysBy?.(args("BITFIELD k FOO")), changing);
});
