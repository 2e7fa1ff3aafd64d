import t from "tap";
import { GlobPattern, globMatch } from "../../../packages/core/src/base/glob.ts";

function match(pattern: string, text: string, nocase = false): boolean {
  const p = Buffer.from(pattern, "latin1");
  const x = Buffer.from(`x${text}x`, "latin1");
  const plain = globMatch(p, x, 1, x.length - 1, nocase);
  t.equal(new GlobPattern(p, nocase).matches(x, 1, x.length - 1), plain, `compiled ${pattern} on ${text}`);
  return plain;
}

t.test("matches", async (t) => {
  const yes: [string, string][] = [
    ["*", "a"],
    ["", ""],
    ["abc", "abc"],
    ["a*", "a"],
    ["a*", "abc"],
    ["*c", "abc"],
    ["a**c", "abc"],
    ["*b*", "abc"],
    ["a?c", "abc"],
    ["[abc]", "b"],
    ["[a-c]x", "bx"],
    ["[c-a]", "b"],
    ["[^a]", "b"],
    ["\\*", "*"],
    ["a\\", "a\\"],
    ["[\\]]", "]"],
    ["[a", "a"],
    ["[a-]", "]"],
    ["[a-]", "^"],
    ["[^", "z"],
    ["*a*a*a", "baaa"],
    ["\xff*", "\xff\x00"],
    ["[\x80-a]", "\xff"],
    ["a\\*b*", "a*bcd"],
  ];
  for (const [pattern, text] of yes) t.ok(match(pattern, text), `${pattern} ${text}`);
});

t.test("mismatches", async (t) => {
  const no: [string, string][] = [
    ["*", ""],
    ["", "a"],
    ["?", ""],
    ["abc", "ab"],
    ["abc", "abcd"],
    ["ab", "abc"],
    ["a*c", "abd"],
    ["a?", "a"],
    ["[abc]", "d"],
    ["[^a-c]", "b"],
    ["[", "["],
    ["[]", "]"],
    ["[a-c]", "B"],
    ["abc*", "ab"],
    ["*abc", "bc"],
    ["A", "a"],
  ];
  for (const [pattern, text] of no) t.notOk(match(pattern, text), `${pattern} ${text}`);
});

t.test("without case", async (t) => {
  t.ok(match("HeLLo*", "hEllO world", true));
  t.ok(match("[A-C]", "b", true));
  t.ok(match("[b]", "B", true));
  t.notOk(match("[\\b]", "B", true), "an escaped byte in a class keeps its case");
});

t.test("patterns made to be slow", async (t) => {
  const started = process.hrtime.bigint();
  t.notOk(match("a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", "a".repeat(5000)));
  t.notOk(match(`${"*?".repeat(20_000)}b`, "a".repeat(20_000)), "20000 stars need no stack");
  t.ok(process.hrtime.bigint() - started < 10_000_000_000n);
});

t.test("what a pattern tells", async (t) => {
  t.ok(new GlobPattern(Buffer.from("*")).isStar);
  t.notOk(new GlobPattern(Buffer.from("**")).isStar);
  t.equal(new GlobPattern(Buffer.from("user:*")).prefixLength, 5);
  t.equal(new GlobPattern(Buffer.from("user:?x*")).prefixLength, 5);
  t.equal(new GlobPattern(Buffer.from("abc")).prefixLength, 3);
  t.equal(new GlobPattern(Buffer.from("abc"), true).prefixLength, 0);
});
