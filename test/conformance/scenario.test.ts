import t from "tap";
import { canonical, difference } from "./masks.ts";
import { parseScenarios, showWords } from "./scenario.ts";

function words(text: string): string[][] {
  return parseScenarios("x", `--- t\n${text}`).flatMap((scenario) => scenario.steps.map((step) => [...step.words]));
}

t.test("words, quotes, alternatives and loops", async (t) => {
  t.same(words('SET "a b" \'c d\' "\\x00\\r\\n" ""'), [["SET", "a b", "c d", "\0\r\n", ""]]);
  t.same(words("SET k v {,NX,EX 10}"), [
    ["SET", "k", "v"],
    ["SET", "k", "v", "NX"],
    ["SET", "k", "v", "EX", "10"],
  ]);
  t.same(words("{A,B} {1,2}"), [
    ["A", "1"],
    ["A", "2"],
    ["B", "1"],
    ["B", "2"],
  ]);
  t.same(words("@for x in A 'B C'\n@for y in 1 \"\"\n$x $y\n@end\n@end"), [
    ["A", "1"],
    ["A", ""],
    ["B", "C", "1"],
    ["B", "C", ""],
  ]);
  t.same(words("APPEND k %repeat(ab,3)"), [["APPEND", "k", "ababab"]]);
  t.throws(() => words("@for x in A\nGET"), /@for without @end/);
  t.throws(() => words("@nonsense"), /unknown directive/);
  t.equal(showWords(["SET", "a b", "\0"]), 'SET "a b" "\\x00"');
});

t.test("scenarios carry protocols, needs, clients and line numbers", async (t) => {
  const [first, second] = parseScenarios(
    "x",
    '--- one\n@protocol 2\n@client b\n~near TTL k\n--- two\n@needs LPUSH\n@sleep 5\n@raw "P\\n"',
  );
  t.match(first, { title: "one", protocols: [2], steps: [{ client: "b", mask: "near", line: 4 }] });
  t.match(second, { needs: ["LPUSH"], protocols: [2, 3], steps: [{ kind: "sleep" }, { kind: "raw", words: ["P\n"] }] });
});

t.test("masks let differ what they name and nothing else", async (t) => {
  const differs = (mask: string, a: string, b: string): boolean =>
    difference(canonical(Buffer.from(a), mask), canonical(Buffer.from(b), mask), mask) !== null;
  t.ok(differs("", ":1\r\n", ":2\r\n"));
  t.notOk(differs("number", "+took 1 s\r\n", "+took 22 s\r\n"));
  t.ok(differs("number", ":1\r\n", "+1\r\n".replace("1", "x")));
  t.notOk(differs("near", ":100\r\n", ":99\r\n"));
  t.ok(differs("near", ":100\r\n", ":-1\r\n"));
  t.ok(differs("near", ":1000\r\n", ":900\r\n"));
  t.notOk(differs("sorted", "*2\r\n+a\r\n+b\r\n", "*2\r\n+b\r\n+a\r\n"));
  t.ok(differs("sorted", "*2\r\n+a\r\n+b\r\n", "*2\r\n+b\r\n+b\r\n"));
  t.notOk(differs("info", "$9\r\n# A\r\nb:1\r\n\r\n", "$14\r\n# A\r\nb:2\r\nc:3\r\n\r\n"));
  t.ok(differs("info", "$14\r\n# A\r\nb:2\r\nc:3\r\n\r\n", "$9\r\n# A\r\nb:1\r\n\r\n"));
  t.notOk(differs("type", ":1\r\n", ":22\r\n"));
  t.ok(differs("type", ":1\r\n", "$-1\r\n"));
  t.notOk(differs("docs", "*2\r\n+summary\r\n+one\r\n", "*2\r\n+summary\r\n+two\r\n"));
  t.ok(differs("docs", "*2\r\n+since\r\n+one\r\n", "*2\r\n+since\r\n+two\r\n"));
  t.throws(() => canonical(Buffer.from("+x\r\n"), "nosuch"), /unknown mask/);
});
