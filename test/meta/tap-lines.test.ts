import t from "tap";
import { TapLines } from "../../scripts/tap-lines.ts";

function read(stream: string): { lines: string[]; counts: number[] } {
  const lines: string[] = [];
  const tap = new TapLines((line) => lines.push(line));
  for (const line of stream.split("\n")) tap.line(line);
  return { lines, counts: [tap.passed, tap.failed, tap.skipped] };
}

const GOOD = `TAP version 14
# Subtest: test/a.test.ts
    # Subtest: inner
        ok 1 - one
        ok 2 - two # SKIP not here
        1..2
    ok 1 - inner # time=1ms

    1..1
ok 1 - test/a.test.ts # time=12.5ms
`;
const BAD = `# Subtest: test/b.test.ts
    # Subtest: inner
        ok 1 - one
        not ok 2 - two
          ---
          diff: |
            -1
            +2
          ...

        1..2
    not ok 1 - inner # time=1ms

    1..1
not ok 2 - test/b.test.ts # time=3ms
`;

t.test("leaf points are counted, subtests are not", async (t) => {
  t.same(read(GOOD), { lines: ["ok     test/a.test.ts: 1 passed, 0 failed (12.5ms)"], counts: [1, 0, 1] });
  const both = read(GOOD + BAD);
  t.same(both.counts, [2, 1, 1]);
  t.match(both.lines.join("\n"), /FAILED test\/b\.test\.ts: 1 passed, 1 failed[\s\S]*not ok 2 - two[\s\S]*-1/);
  t.notMatch(both.lines.join("\n"), /not ok 1 - inner/, "what only encloses a failure is not shown");
});

t.test("a file that fails without a failing point counts as one failure", async (t) => {
  const crash =
    "# Subtest: test/c.test.ts\n    1..0\nnot ok 1 - test/c.test.ts # time=5ms\n  ---\n  exitCode: 1\n  ...\n";
  t.same(read(crash).counts, [0, 1, 0]);
  const timeout =
    "# Subtest: test/d.test.ts\n    ok 1 - fine\n    not ok 2 - timeout!\n      ---\n      signal: SIGALRM\n      ...\nnot ok 1 - test/d.test.ts # time=5ms\n";
  t.same(read(timeout).counts, [1, 1, 0]);
  t.same(read("ok 1 - test/e.test.ts # SKIP no reason\n").counts, [0, 0, 1]);
});
