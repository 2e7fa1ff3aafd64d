/** What a PUBLISH answers whose receivers other processes are asked for: answers, none in time, deaths, dropped batches. */
import t, { type Test } from "tap";
import { PublishCounts } from "../../../packages/core/src/server/publish-counts.ts";
import type { Gap } from "../../../packages/core/src/session/session.ts";
import { waitUntil } from "../../support/wait-until.ts";

interface Bench {
  readonly counts: PublishCounts;
  readonly occupied: Set<number>;
  readonly replies: string[];
  readonly cancelled: number[];
  gap(at: number): Gap;
}

function bench(t: Test): Bench {
  const occupied = new Set<number>();
  const replies: string[] = [];
  const cancelled: number[] = [];
  const counts = new PublishCounts({
    isOccupied: (slot) => occupied.has(slot),
    fill: (gap, reply) => replies.push(`${gap.at} ${reply}`),
    cancel: (gap) => cancelled.push(gap.at),
  });
  t.teardown(() => {
    for (const slot of [1, 2]) counts.left(slot);
  });
  // Only its identity and its place are looked at.
  return { counts, occupied, replies, cancelled, gap: (at) => ({ at, reply: null }) as unknown as Gap };
}

t.test("a reply is the sum of all answers", (t) => {
  const { counts, replies, gap } = bench(t);
  counts.ask(new Map([[1, 5]]), gap(0), 2);
  counts.ask(
    new Map([
      [1, 5],
      [2, 7],
    ]),
    gap(10),
    0,
  );
  const id = counts.send();
  t.ok(id > 0);
  t.equal(counts.send(), 0, "nothing more is asked");
  counts.answered(id, 2, [4]);
  t.strictSame(replies, []);
  counts.answered(id, 1, [1, 3]);
  t.strictSame(replies, ["0 :3\r\n", "10 :7\r\n"]);
  counts.answered(id, 1, [1, 3]);
  t.equal(replies.length, 2, "an answer counts once");
  t.end();
});

t.test("a process that does not answer in time is not waited for until it does", async (t) => {
  const { counts, replies, gap, occupied } = bench(t);
  counts.ask(
    new Map([
      [1, 5],
      [2, 7],
    ]),
    gap(0),
    1,
  );
  const id = counts.send();
  counts.answered(id, 2, [0]);
  await waitUntil("the time to be over", () => replies.length > 0);
  t.strictSame(replies, ["0 :6\r\n"]);
  t.notOk(counts.canAnswer(1));
  t.ok(counts.canAnswer(2));
  counts.answered(id, 1, [9]);
  t.ok(counts.canAnswer(1), "its late answer shows that it is back");
  t.equal(replies.length, 1);
  occupied.add(1);
  t.notOk(counts.canAnswer(1));
});

t.test("a process that has gone counts as last known", (t) => {
  const { counts, replies, gap } = bench(t);
  counts.ask(new Map([[1, 5]]), gap(0), 0);
  counts.send();
  counts.ask(new Map([[1, 4]]), gap(1), 0);
  counts.left(1);
  t.strictSame(replies, ["0 :5\r\n", "1 :4\r\n"]);
  t.ok(counts.canAnswer(1), "its successor is asked");
  t.end();
});

t.test("what a dropped batch published asks nobody", (t) => {
  const { counts, replies, cancelled, gap } = bench(t);
  counts.ask(new Map([[1, 5]]), gap(0), 0);
  const id = counts.send();
  counts.ask(new Map([[1, 5]]), gap(8), 0);
  counts.drop();
  t.strictSame(cancelled, [8]);
  t.equal(counts.send(), 0);
  counts.answered(id, 1, [2]);
  t.strictSame(replies, ["0 :2\r\n"]);
  t.end();
});
