/** DUMP and RESTORE of values of all types, in a whole worker. */
import t from "tap";
import { checkKeyspace } from "../../../packages/core/src/keyspace/check.ts";
import { sealPayload } from "../../../packages/core/src/rdb/dump-payload.ts";
import { RDB_TYPE } from "../../../packages/core/src/rdb/rdb-format.ts";
import { RdbWriter } from "../../../packages/core/src/rdb/rdb-writer.ts";
import type { Argument } from "../../support/resp-client.ts";
import { type Reply, RespError, startClient } from "../../support/run.ts";
import { SeededRandom } from "../../support/seeded-random.ts";

type Run = (...args: readonly Argument[]) => Promise<Reply>;

/** The commands that make `k`, and the DUMP that redis-server 7.2.4 then gives with `rdbcompression no`. */
const RECORDED: readonly (readonly [commands: readonly string[], hex: string])[] = [
  [["SET k hello"], "000568656c6c6f"],
  [["SET k -70000"], "00c290eefeff"],
  [
    ["RPUSH k a 127 -1 4096 70000 -9000000 5000000000"],
    "12010228280000000700816102" + "7f01dfff02f1001003f270110104f3c0ab76ff05f400f2052a0100000009ff",
  ],
  [["SADD k 1 -5 70000"], "0b140400000003000000fbffffff0100000070110100"],
  [["SADD k one 2 three"], "1415150000000300836f6e6504020185746872656506ff"],
  [
    ["ZADD k 1 a 2.5 b -inf c 1e20 d"],
    "1127270000000800816302842d696e6605816102010181620283322e35048164028531652b323006ff",
  ],
  [["CONFIG SET zset-max-listpack-entries 0", "ZADD k 1 a 2.5 b"], "0502016200000000000004400161000000000000f03f"],
  [["HSET k f v n 12"], "1012120000000400816602817602816e020c01ff"],
  [
    ["XADD k 5-1 a 1 b 2", "XADD k 5-2 a 3 b 4", "XADD k 7-0 c 5", "XGROUP CREATE k g 5-1"],
    "150110000000000000000500000000000000013d3d0000001900030100010201816102816202000102010001000101010201050102010001010103010401050100" +
      "010201dfff02010181630205010601ff0307000501000003010167050181ffffffffffffffff0000",
  ],
];

async function runAll(run: Run, commands: readonly string[]): Promise<void> {
  for (const command of commands) {
    const reply = await run(...command.split(" "));
    if (reply instanceof RespError) throw new Error(`${command}: ${reply.message}`);
  }
}

/** A payload around an object's bytes, with version and checksum. */
function payloadOf(object: Buffer): Buffer {
  const writer = new RdbWriter(false);
  writer.raw(object);
  return Buffer.from(sealPayload(writer, 11));
}

t.test("the bytes are Redis'", async (t) => {
  const { run } = await startClient(t, { config: { rdbcompression: "no" } });
  for (const [commands, hex] of RECORDED) {
    await run("DEL", "k");
    await runAll(run, commands);
    const dump = Buffer.from((await run("DUMP", "k")) as string, "latin1");
    t.equal(dump.subarray(0, -10).toString("hex"), hex, commands[0] ?? "");
    t.ok(dump.equals(payloadOf(Buffer.from(hex, "hex"))), "version and checksum");
    t.equal(await run("RESTORE", "copy", 0, dump, "REPLACE"), "OK");
    t.same(await run("DEBUG", "DIGEST-VALUE", "copy"), await run("DEBUG", "DIGEST-VALUE", "k"));
    t.equal(await run("OBJECT", "ENCODING", "copy"), await run("OBJECT", "ENCODING", "k"));
  }
  t.equal(await run("DUMP", "nokey"), null);
});

/** Commands that give each key a value, those with large ones, deadlines of members, and KeyDB's own types included. */
function makeValues(): Argument[][] {
  const numbers = Array.from({ length: 700 }, (_, i) => i);
  const long = "long text ".repeat(9000);
  return [
    ["SET", "text", long],
    ["SETBIT", "holes", 900_000, 1],
    ["RPUSH", "list", ...numbers.map((i) => `element ${i}`), long],
    ["SADD", "intset", ...numbers.slice(0, 300), 2 ** 40],
    ["SADD", "set", ...numbers.map((i) => `member ${i}`), long],
    ["ZADD", "zset", ...numbers.flatMap((i) => [i / 3, `member ${i}`]), "-inf", long, "-0", "zero"],
    ["HSET", "hash", ...numbers.flatMap((i) => [`field ${i}`, i]), "long", long],
    ["HSET", "small", "a", 1, "b", 2, "c", 3],
    ["HPEXPIREAT", "small", 33_000_000_000_000, "FIELDS", 2, "a", "c"],
    ["HSET", "large", ...numbers.flatMap((i) => [`field ${i}`, i])],
    ["HPEXPIREAT", "large", 33_000_000_000_000, "FIELDS", 1, "field 3"],
    ["HPEXPIREAT", "large", 34_000_000_000_000, "FIELDS", 1, "field 4"],
    ["SADD", "mortals", "a", "b"],
    ["PEXPIREMEMBERAT", "mortals", "a", 33_000_000_000_000],
    ["ZADD", "ranked", 1, "a", 2, "b"],
    ["PEXPIREMEMBERAT", "ranked", "b", 33_000_000_000_000],
    ...numbers.slice(0, 250).map((i) => ["XADD", "stream", `${i + 1}-${i % 7}`, "a", i, i % 5 === 0 ? "c" : "b", "v"]),
    ["XADD", "stream", "18446744073709551614-18446744073709551615", "a", long],
    ["XDEL", "stream", "1-0", "150-2"],
    ["XGROUP", "CREATE", "stream", "g", 0],
    ["XREADGROUP", "GROUP", "g", "c1", "COUNT", 5, "STREAMS", "stream", ">"],
    ["XREADGROUP", "GROUP", "g", "c2", "COUNT", 3, "STREAMS", "stream", ">"],
    ["XGROUP", "CREATE", "stream", "h", "$", "ENTRIESREAD", 7],
    ["XGROUP", "CREATECONSUMER", "stream", "h", "idle"],
    ["KEYDB.NHSET", "nested.a.b", "v", "w"],
    ["KEYDB.CRON", "job", "single", 100_000_000, "return redis.call('GET', KEYS[1])", 1, "text", "argument"],
  ];
}

const QUESTIONS: Readonly<Record<string, readonly Argument[]>> = {
  small: ["HPEXPIRETIME", "small", "FIELDS", 3, "a", "b", "c"],
  large: ["HPEXPIRETIME", "large", "FIELDS", 3, "field 3", "field 4", "field 5"],
  stream: ["XINFO", "STREAM", "stream", "FULL", "COUNT", 0],
  nested: ["KEYDB.NHGET", "nested"],
  zset: ["ZRANGE", "zset", 0, -1, "WITHSCORES"],
  list: ["LRANGE", "list", 0, -1],
};

for (const store of ["memory", "lmdb"] as const) {
  t.test(`a value survives DUMP and RESTORE as it was (${store})`, async (t) => {
    const { run, worker } = await startClient(t, { store, config: { "enable-debug-command": "yes" } });
    for (const command of makeValues()) {
      const reply = await run(...command);
      if (reply instanceof RespError) t.fail(`${command.slice(0, 3)}: ${reply.message}`);
    }
    const keys = (await run("KEYS", "*")) as string[];
    t.equal(keys.length, 14);
    for (const key of keys) {
      const question = QUESTIONS[key];
      const before = question === undefined ? null : await run(...question);
      const facts = [await run("DEBUG", "DIGEST-VALUE", key), await run("OBJECT", "ENCODING", key)];
      const dump = Buffer.from((await run("DUMP", key)) as string, "latin1");
      t.equal(await run("RESTORE", key, 0, dump, "REPLACE"), "OK", key);
      t.same([await run("DEBUG", "DIGEST-VALUE", key), await run("OBJECT", "ENCODING", key)], facts, key);
      if (question !== undefined) t.same(await run(...question), before, `what ${question[0]} tells of ${key}`);
    }
    t.equal(await run("PTTL", "mortals", "b"), -1);
    t.ok(Number(await run("PTTL", "mortals", "a")) > 1e12);
    t.ok(Number(await run("PTTL", "ranked", "b")) > 1e12);
    const job = ((await run("KEYDB.CRONLIST")) as Reply[][])[0] ?? [];
    t.equal(job[job.indexOf("mode") + 1], "single");
    t.same(job[job.indexOf("args") + 1], ["argument"]);
    t.same(checkKeyspace(worker.server.keyspace).problems, []);
    worker.store.releaseSnapshot();
  });
}

t.test("members that are due are left out", async (t) => {
  const { run, worker } = await startClient(t, { activeExpire: false });
  await run("SADD", "s", "a", "b");
  await run("ZADD", "z", 1, "a", 2, "b");
  await run("HSET", "h", "a", 1, "b", 2);
  await run("PEXPIREMEMBERAT", "s", "a", Date.now() + 40);
  await run("PEXPIREMEMBERAT", "z", "a", Date.now() + 40);
  await run("HPEXPIRE", "h", 40, "FIELDS", 1, "a");
  const due = Date.now() + 45;
  while (Date.now() <= due) await new Promise((resolve) => setTimeout(resolve, 5));
  for (const key of ["s", "z", "h"]) {
    const dump = Buffer.from((await run("DUMP", key)) as string, "latin1");
    t.equal(await run("RESTORE", `copy of ${key}`, 0, dump), "OK");
  }
  t.same(await run("SMEMBERS", "copy of s"), ["b"]);
  t.same(await run("ZRANGE", "copy of z", 0, -1), ["b"]);
  t.same(await run("HGETALL", "copy of h"), ["b", "2"]);
  t.same(checkKeyspace(worker.server.keyspace).problems, []);
  worker.store.releaseSnapshot();
});

// ------------------------------------------------------------------------------------------------ older forms

/** A ziplist of texts and of integers in each of their encodings. */
function ziplist(entries: readonly (string | Buffer)[]): Buffer {
  const parts: Buffer[] = [];
  let previous = 0;
  for (const entry of entries) {
    const body = typeof entry === "string" ? Buffer.concat([Buffer.of(entry.length), Buffer.from(entry)]) : entry;
    const head = previous < 254 ? Buffer.of(previous) : Buffer.from([254, previous & 255, previous >> 8, 0, 0]);
    parts.push(head, body);
    previous = head.length + body.length;
  }
  const body = Buffer.concat(parts);
  const header = Buffer.alloc(10);
  header.writeUInt32LE(11 + body.length, 0);
  header.writeUInt32LE(10 + body.length - previous, 4);
  header.writeUInt16LE(entries.length, 8);
  return Buffer.concat([header, body, Buffer.of(255)]);
}

function objectOf(type: number, ...strings: readonly Buffer[]): Buffer {
  const writer = new RdbWriter(false);
  writer.byte(type);
  for (const text of strings) writer.string(text);
  return payloadOf(Buffer.from(writer.bytes));
}

t.test("what older versions of Redis wrote is read", async (t) => {
  const { run } = await startClient(t);
  const restore = (payload: Buffer): Promise<Reply> => run("RESTORE", "k", 0, payload, "REPLACE");
  const long = Buffer.concat([Buffer.of(0x41, 0x2c), Buffer.alloc(300, "x")]);
  const integers = ["c0ff7f", "d0000000ff", "e000000000000000ff", "f0ffff7f", "fe80", "f1", "fd"];
  const entries = ["text", long, ...integers.map((hex) => Buffer.from(hex, "hex"))];
  const texts = ["text", "x".repeat(300), "32767", "-16777216", "-72057594037927936", "8388607", "-128", "0", "12"];
  t.equal(await restore(objectOf(RDB_TYPE.listZiplist, ziplist(entries))), "OK");
  t.same(await run("LRANGE", "k", 0, -1), texts);
  const quicklist = Buffer.concat([
    Buffer.of(2),
    ...[ziplist(["a", "b"]), ziplist(["c"])].flatMap((z) => [Buffer.of(z.length), z]),
  ]);
  t.equal(await restore(payloadOf(Buffer.concat([Buffer.of(RDB_TYPE.quicklistZiplist), quicklist]))), "OK");
  t.same(await run("LRANGE", "k", 0, -1), ["a", "b", "c"]);
  t.equal(await restore(payloadOf(Buffer.from("0102016101 62".replace(" ", ""), "hex"))), "OK");
  t.same(await run("LRANGE", "k", 0, -1), ["a", "b"]);
  t.equal(await restore(objectOf(RDB_TYPE.zsetZiplist, ziplist(["a", "1", "b", "2.5"]))), "OK");
  t.same(await run("ZRANGE", "k", 0, -1, "WITHSCORES"), ["a", "1", "b", "2.5"]);
  t.equal(await restore(payloadOf(Buffer.from("03030161033235350162fe0163ff", "hex"))), "OK");
  t.same(await run("ZRANGE", "k", 0, -1, "WITHSCORES"), ["c", "-inf", "a", "255", "b", "inf"]);
  t.equal(await restore(objectOf(RDB_TYPE.hashZiplist, ziplist(["f", "v", "g", "w"]))), "OK");
  t.same(await run("HGETALL", "k"), ["f", "v", "g", "w"]);
  const zipmap = Buffer.from(
    "0201660101760001670203777700ff".replace("0101760001", "01007600 01".replace(" ", "")),
    "hex",
  );
  t.same(await restore(objectOf(RDB_TYPE.hashZipmap, zipmap)), new RespError("ERR Bad data format"));
  t.equal(
    await restore(objectOf(RDB_TYPE.hashZipmap, Buffer.from("020166010076016702017777 00ff".replace(" ", ""), "hex"))),
    "OK",
  );
  t.same(await run("HGETALL", "k"), ["f", "v", "g", "ww"]);
});

t.test("KeyDB's time stamp behind a value, and other bytes there, are passed over", async (t) => {
  const { run } = await startClient(t);
  const writer = new RdbWriter(false);
  writer.byte(RDB_TYPE.string);
  writer.text("value");
  writer.byte(0xfa);
  writer.text("mvcc-tstamp");
  writer.text("1883423423423423");
  writer.byte(0x17);
  t.equal(await run("RESTORE", "k", 0, payloadOf(Buffer.from(writer.bytes))), "OK");
  t.equal(await run("GET", "k"), "value");
});

// ------------------------------------------------------------------------------------------------ damage

const BAD = new RespError("ERR Bad data format");

t.test("what cannot be a value is refused", async (t) => {
  const { run, worker } = await startClient(t);
  await run("SET", "k", "old");
  const cases: Readonly<Record<string, string>> = {
    "an unknown kind": "0801",
    "a string that is cut off": "000561",
    "a compressed string that promises too much": "00c30381ffffffffffffffff026161",
    "an empty list": "0100",
    "an empty node that is no listpack": "12010100",
    "an empty set": "0200",
    "an empty hash": "0400",
    "a member twice": "020201610161",
    "a field twice": "0402016101310161 0132".replace(" ", ""),
    "a score that is no number": "05010161000000000000f87f",
    "a member twice with scores": "05020161000000000000f03f0161000000000000f03f",
    "more elements than bytes": "0281ffffffffffff0161",
    "an intset of odd width": "0b0b0300000001000000010203",
    "an intset out of order": "0b0c0200000002000000020001 00".replace(" ", ""),
    "a stream whose length is another": "150005000000000000000000",
    "an odd hash": "100a0a00000001008161 02ff".replace(" ", ""),
  };
  for (const [what, hex] of Object.entries(cases)) {
    t.same(await run("RESTORE", "k", 0, payloadOf(Buffer.from(hex, "hex")), "REPLACE"), BAD, what);
  }
  t.equal(await run("GET", "k"), "old", "the old value stays");
  t.same(checkKeyspace(worker.server.keyspace).problems, []);
  worker.store.releaseSnapshot();
});

t.test("no damage does more harm than an error", async (t) => {
  const { run, worker } = await startClient(t, { config: { rdbcompression: "no" } });
  for (const command of makeValues()) await run(...command);
  // Not texts, in which nothing can be wrong, nor the job, which runs when it is changed so that it is due.
  await run("DEL", "holes", "text", "job");
  const keys = (await run("KEYS", "*")) as string[];
  const dumps: Buffer[] = [];
  for (const key of keys) dumps.push(Buffer.from((await run("DUMP", key)) as string, "latin1"));
  const random = new SeededRandom(7);
  let accepted = 0;
  for (let i = 0; i < 200; i++) {
    const object = Buffer.from(random.pick(dumps).subarray(0, -10));
    for (let changes = random.between(1, 3); changes > 0; changes--) {
      // Mostly near the start, where the structure is.
      const at = random.chance(0.5)
        ? random.between(0, Math.min(80, object.length - 1))
        : random.between(0, object.length - 1);
      object[at] = random.pick([0, 1, 255, 0x80, 0x81, 0xc3, random.between(0, 255)]);
    }
    const reply = await run("RESTORE", "k", 0, payloadOf(object), "REPLACE");
    if (reply instanceof RespError) {
      t.same(reply, BAD);
      continue;
    }
    accepted++;
    const dump = await run("DUMP", "k");
    if (typeof dump !== "string") t.fail("a value that was accepted cannot be dumped");
    else {
      t.equal(await run("RESTORE", "again", 0, Buffer.from(dump, "latin1"), "REPLACE"), "OK");
      t.same(await run("DEBUG", "DIGEST-VALUE", "again"), await run("DEBUG", "DIGEST-VALUE", "k"));
    }
  }
  t.ok(accepted > 25, `${accepted} of 200 were still values`);
  t.same(checkKeyspace(worker.server.keyspace).problems, []);
  worker.store.releaseSnapshot();
  t.same(worker.warnings, [], "no internal error");
});
