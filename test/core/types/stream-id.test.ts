import t from "tap";
import { parseStreamId, StreamId } from "../../../packages/core/src/types/stream-id.ts";
import { narrow, readWide, wideAdd, wideSubtract, writeWide } from "../../../packages/core/src/types/wide-count.ts";

const LAST = "18446744073709551615";

function parse(text: string, missing: "first" | "last" = "first", strict = true, allowAuto = false): string | null {
  const bytes = Buffer.from(text, "latin1");
  const parsed = parseStreamId(bytes, 0, bytes.length, missing, strict, allowAuto);
  return parsed === null ? null : parsed.id.text() + (parsed.hasSequence ? "" : "*");
}

t.test("reading", async (t) => {
  t.equal(parse("5"), "5-0");
  t.equal(parse("5", "last"), `5-${LAST}`);
  t.equal(parse("1526919030474-55"), "1526919030474-55");
  t.equal(parse(`${LAST}-${LAST}`), `${LAST}-${LAST}`);
  t.equal(parse("9007199254740993-1"), "9007199254740993-1");
  t.equal(parse("007-01"), "7-1");
  t.equal(parse("-", "first", false), "0-0");
  t.equal(parse("+", "first", false), `${LAST}-${LAST}`);
  t.equal(parse("5-*", "first", true, true), "5-0*");
  for (const text of ["-", "+", "", "x", "5-", "-5", "5-x", "5-1-1", "18446744073709551616", "1".repeat(128), "5-*"]) {
    t.equal(parse(text), null, JSON.stringify(text));
  }
});

t.test("order, neighbours, bytes", async (t) => {
  const ids = ["0-0", "0-1", "0-4294967296", `0-${LAST}`, "1-0", "4294967295-9", "4294967296-0", `${LAST}-${LAST}`].map(
    (text) => {
      const bytes = Buffer.from(text);
      return parseStreamId(bytes, 0, bytes.length, "first", true)?.id ?? StreamId.min();
    },
  );
  const stored = ids.map((id) => {
    const bytes = Buffer.alloc(16);
    t.equal(id.write(bytes, 0), 16);
    t.equal(StreamId.read(bytes, 0).text(), id.text());
    return bytes;
  });
  for (let i = 1; i < ids.length; i++) {
    const [before, id] = [ids[i - 1] as StreamId, ids[i] as StreamId];
    t.ok(before.compare(id) < 0 && id.compare(before) > 0 && id.compare(id.copy()) === 0);
    t.ok((stored[i - 1] as Buffer).compare(stored[i] as Buffer) < 0);
    t.equal(id.previous().next().text(), id.text());
  }
  t.equal(StreamId.max().next().text(), "0-0");
  t.equal(StreamId.min().previous().text(), StreamId.max().text());
  t.equal((ids[3] as StreamId).next().text(), "1-0");
  t.equal(StreamId.fromMs(1700000000123).text("."), "1700000000123.0");
});

t.test("wide counters", async (t) => {
  t.equal(wideAdd(Number.MAX_SAFE_INTEGER, 1), 9007199254740992n);
  t.equal(wideSubtract(9007199254740992n, 1), Number.MAX_SAFE_INTEGER);
  t.equal(narrow(5n), 5);
  const bytes = Buffer.alloc(8);
  for (const n of [0, 1, 4294967296, Number.MAX_SAFE_INTEGER, 9007199254740992n, 18446744073709551615n]) {
    writeWide(bytes, 0, n);
    t.equal(readWide(bytes, 0), n);
  }
});
