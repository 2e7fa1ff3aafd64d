import t from "tap";
import { needsRepr, reprBytes, splitArgs } from "../../../packages/core/src/base/sds-split.ts";

function split(line: string): string[] | null {
  const buf = Buffer.from(`x${line}x`, "latin1");
  return splitArgs(buf, 1, buf.length - 1)?.map((arg) => arg.toString("latin1")) ?? null;
}

t.test("splitting", async (t) => {
  const cases: [string, string[] | null][] = [
    ["", []],
    ["  \t\r\n ", []],
    ["set a b", ["set", "a", "b"]],
    ["  a  b ", ["a", "b"]],
    ['"a b" c', ["a b", "c"]],
    ['""', [""]],
    ["''", [""]],
    ['"\\n\\r\\t\\b\\a\\\\\\"\\q"', ['\n\r\t\b\x07\\"q']],
    ['"\\x41\\xfF\\xg1\\x4"', ["A\xffxg1x4"]],
    ["'a\\'b\\n'", ["a'b\\n"]],
    ['a"b c"', ["ab c"]],
    ["a'b'", ["ab"]],
    ['"foo"bar', null],
    ["'foo'bar", null],
    ['"foo', null],
    ["'foo", null],
    ['"foo\\"', null],
    ['"foo\\', null],
    ["'foo\\'", null],
    ['ok "', null],
    ['"a"\v"b"', ["a", "b"]],
    ["a\vb", ["a\vb"]],
    ["a\\nb", ["a\\nb"]],
    ["a b\0c d", ["a", "b"]],
    ["\0", []],
    ["\xe9t\xe9", ["\xe9t\xe9"]],
  ];
  for (const [line, args] of cases) t.same(split(line), args, JSON.stringify(line));
});

t.test("quoting", async (t) => {
  t.equal(reprBytes(Buffer.from("")), '""');
  t.equal(
    reprBytes(Buffer.from('a"b\\c\n\r\t\x07\b \x00\x7f\xff', "latin1")),
    '"a\\"b\\\\c\\n\\r\\t\\a\\b \\x00\\x7f\\xff"',
  );
  t.equal(reprBytes(Buffer.from("hello"), 1, 3), '"el"');
  const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
  t.same(splitArgs(Buffer.from(reprBytes(all))), [all], "splitArgs reads all bytes back");
});

t.test("what needs quotes", async (t) => {
  for (const text of ["a b", 'a"', "a\\", "\n", "\x00", "\xff", "\v"]) {
    t.ok(needsRepr(Buffer.from(text, "latin1")), JSON.stringify(text));
  }
  for (const text of ["", "abc", "a'b", "~!@#"]) t.notOk(needsRepr(Buffer.from(text)), text);
});
