import t from "tap";
import { lcsLength, lcsMatches, lcsString, lcsTableBytes } from "../../../packages/core/src/base/lcs.ts";

const LONG_A = Buffer.from("ccadbabacdbdababdcbdbabdbbaabbbbccbbbbdcacdbbcaccacacccdcbdd");
const LONG_B = Buffer.from("bacacdadcdadabbabdcccdaccadabccbccacccbabcdbaadabccddbaadcbb");

const RANGES =
  "59-59/56-56 58-58/52-52 53-55/49-51 52-52/41-41 51-51/39-39 50-50/37-37 45-48/33-36 44-44/31-31 " +
  "43-43/28-28 42-42/26-26 41-41/24-24 40-40/22-22 39-39/20-20 32-33/18-19 31-31/16-16 29-30/13-14 " +
  "27-27/12-12 23-23/11-11 21-21/10-10 19-19/9-9 16-17/7-8 14-14/6-6 11-11/5-5 7-8/3-4 4-5/0-1";

t.test("words", async (t) => {
  const a = Buffer.from("ohmytext");
  const b = Buffer.from("mynewtext");
  t.equal(lcsString(a, b).toString(), "mytext");
  t.equal(lcsLength(a, b), 6);
  t.same(lcsMatches(a, b), {
    matches: [
      { aStart: 4, aEnd: 7, bStart: 5, bEnd: 8, length: 4 },
      { aStart: 2, aEnd: 3, bStart: 0, bEnd: 1, length: 2 },
    ],
    length: 6,
  });
  t.same(lcsMatches(a, b, 4).matches, [{ aStart: 4, aEnd: 7, bStart: 5, bEnd: 8, length: 4 }]);
  t.same(lcsMatches(a, b, 5), { matches: [], length: 6 });
});

t.test("sequences, as recorded from Redis", async (t) => {
  t.equal(lcsLength(LONG_A, LONG_B), 35);
  t.equal(lcsString(LONG_A, LONG_B).toString(), "baacdadcdadabbbcccacdbbcacccacccddd");
  t.same(
    lcsMatches(LONG_A, LONG_B).matches.map((m) => `${m.aStart}-${m.aEnd}/${m.bStart}-${m.bEnd}`),
    RANGES.split(" "),
  );
});

t.test("against the definition", async (t) => {
  for (let i = 0; i < 400; i++) {
    const letters = 1 + (i % 4);
    const random = () => Buffer.from(Array.from({ length: Math.random() * 30 }, () => 97 + Math.random() * letters));
    const a = random();
    const b = random();
    const length = bruteForce(a, b);
    const text = lcsString(a, b);
    const { matches } = lcsMatches(a, b);
    const joined = Buffer.concat(matches.toReversed().map((m) => a.subarray(m.aStart, m.aEnd + 1)));
    const joinedB = Buffer.concat(matches.toReversed().map((m) => b.subarray(m.bStart, m.bEnd + 1)));
    if (lcsLength(a, b) !== length || text.length !== length) t.fail(`length of ${a} and ${b}`);
    if (!joined.equals(text) || !joinedB.equals(text)) t.fail(`runs of ${a} and ${b}`);
  }
});

t.test("empty strings", async (t) => {
  const empty = Buffer.alloc(0);
  t.equal(lcsLength(empty, Buffer.from("a")), 0);
  t.equal(lcsString(Buffer.from("a"), empty).length, 0);
  t.same(lcsMatches(empty, empty), { matches: [], length: 0 });
  t.equal(lcsTableBytes(0, 9), 40);
});

function bruteForce(a: Buffer, b: Buffer): number {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  const at = (i: number, j: number) => table[i]?.[j] as number;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const row = table[i] as number[];
      row[j] = a[i - 1] === b[j - 1] ? at(i - 1, j - 1) + 1 : Math.max(at(i - 1, j), at(i, j - 1));
    }
  }
  return at(a.length, b.length);
}
