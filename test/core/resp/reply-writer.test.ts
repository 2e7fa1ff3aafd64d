import t from "tap";
import { ReplyWriter } from "../../../packages/core/src/resp/reply-writer.ts";

function written(resp: number, write: (reply: ReplyWriter) => void): string {
  const reply = new ReplyWriter();
  reply.resp = resp;
  reply.beginRegion();
  write(reply);
  return reply.buffer.latin1Slice(reply.regionStart, reply.position);
}

const CASES: ReadonlyArray<readonly [string, (reply: ReplyWriter) => void, string, string]> = [
  ["ok", (r) => r.ok(), "+OK\r\n", "+OK\r\n"],
  ["simple", (r) => r.simple("QUEUED"), "+QUEUED\r\n", "+QUEUED\r\n"],
  ["error", (r) => r.error("ERR a\r\nb"), "-ERR a  b\r\n", "-ERR a  b\r\n"],
  ["small integer", (r) => r.integer(7), ":7\r\n", ":7\r\n"],
  ["two digits", (r) => r.integer(42), ":42\r\n", ":42\r\n"],
  ["negative", (r) => r.integer(-1), ":-1\r\n", ":-1\r\n"],
  ["bigint", (r) => r.integer(9223372036854775807n), ":9223372036854775807\r\n", ":9223372036854775807\r\n"],
  ["bulk", (r) => r.bulk(Buffer.from("abc")), "$3\r\nabc\r\n", "$3\r\nabc\r\n"],
  ["empty bulk", (r) => r.bulk(Buffer.alloc(0)), "$0\r\n\r\n", "$0\r\n\r\n"],
  ["text", (r) => r.bulkText("\u00e9"), "$2\r\n\xc3\xa9\r\n", "$2\r\n\xc3\xa9\r\n"],
  ["null", (r) => r.null(), "$-1\r\n", "_\r\n"],
  ["null array", (r) => r.nullArray(), "*-1\r\n", "_\r\n"],
  ["array", (r) => r.arrayHeader(100), "*100\r\n", "*100\r\n"],
  ["map", (r) => r.mapHeader(2), "*4\r\n", "%2\r\n"],
  ["set", (r) => r.setHeader(2), "*2\r\n", "~2\r\n"],
  ["push", (r) => r.pushHeader(2), "*2\r\n", ">2\r\n"],
  ["true", (r) => r.boolean(true), ":1\r\n", "#t\r\n"],
  ["false", (r) => r.boolean(false), ":0\r\n", "#f\r\n"],
  ["double", (r) => r.double(3.5), "$3\r\n3.5\r\n", ",3.5\r\n"],
  ["infinity", (r) => r.double(Number.POSITIVE_INFINITY), "$3\r\ninf\r\n", ",inf\r\n"],
  [
    "big number",
    (r) => r.bigNumber("12345678901234567890"),
    "$20\r\n12345678901234567890\r\n",
    "(12345678901234567890\r\n",
  ],
  ["verbatim", (r) => r.verbatim("txt", "hi"), "$2\r\nhi\r\n", "=6\r\ntxt:hi\r\n"],
];

for (const [name, write, resp2, resp3] of CASES) {
  t.test(name, async (t) => {
    t.equal(written(2, write), resp2, "RESP2");
    t.equal(written(3, write), resp3, "RESP3");
  });
}

t.test("deferred aggregates get their header in front", async (t) => {
  const write = (r: ReplyWriter): void => {
    r.integer(1);
    const mark = r.deferred();
    for (let i = 0; i < 12; i++) r.integer(i);
    r.endDeferred(mark, "map", 6);
  };
  const items = Array.from({ length: 12 }, (_, i) => `:${i}\r\n`).join("");
  t.equal(written(2, write), `:1\r\n*12\r\n${items}`);
  t.equal(written(3, write), `:1\r\n%6\r\n${items}`);
});

t.test("a growing region moves alone and earlier regions stay", async (t) => {
  const reply = new ReplyWriter();
  reply.beginRegion();
  reply.simple("first");
  const first = { buffer: reply.buffer, start: reply.regionStart, end: reply.position };
  reply.beginRegion();
  reply.simple("second");
  const mark = reply.deferred();
  reply.bulk(Buffer.alloc(5_000_000, "x"));
  reply.endDeferred(mark, "array", 1);
  const second = reply.buffer.latin1Slice(reply.regionStart, reply.position);
  t.equal(first.buffer.latin1Slice(first.start, first.end), "+first\r\n");
  t.ok(second.startsWith("+second\r\n*1\r\n$5000000\r\nxxx"));
  t.equal(second.length, 9 + 4 + 10 + 5_000_000 + 2);
  reply.reset();
  t.ok(reply.buffer.length < 5_000_000, "an oversized buffer is given back");
});

t.test("truncate takes back what a failed handler wrote", async (t) => {
  const text = written(2, (r) => {
    r.simple("kept");
    const mark = r.deferred();
    r.arrayHeader(3);
    r.integer(1);
    r.truncate(mark);
    r.error("ERR no");
  });
  t.equal(text, "+kept\r\n-ERR no\r\n");
});
