// The random run's own parts: rounds that come again by their seed, what counts as equal, making a failure small.
import t from "tap";
import { agree } from "./random/agree.ts";
import { FAMILIES, makeRound } from "./random/commands.ts";
import { minimise } from "./random/minimise.ts";

const frame = (text: string): Buffer => Buffer.from(`${text.replaceAll(" ", "\r\n")}\r\n`);
const sent = (...words: string[]) => ({ words, queued: [] });

t.test("a seed makes the same round again, of every family", async (t) => {
  const options = { commands: 3000, clients: 2, families: [] };
  const textOf = (seed: number): string => JSON.stringify(makeRound(seed, options));
  const text = textOf(7);
  t.ok(textOf(7) === text);
  t.ok(textOf(8) !== text);
  for (const name of Object.keys(FAMILIES)) {
    t.ok(makeRound(1, { ...options, families: [name], limits: "default" }).steps.length >= 3000, name);
  }
});

t.test("order counts unless it is a hash table's", async (t) => {
  const [ab, ba] = [frame("*2 $1 a $1 b"), frame("*2 $1 b $1 a")];
  t.notOk(agree(ab, ba, sent("LRANGE"), false));
  t.ok(agree(ab, ba, sent("SMEMBERS", "s"), false));
  t.notOk(agree(ab, ba, sent("SMEMBERS", "s"), true), "no set is a hash table in this round");
  t.notOk(agree(ab, frame("*2 $1 b $1 c"), sent("SMEMBERS", "s"), false));
  const queued = [
    ["GET", "k"],
    ["SMEMBERS", "s"],
  ];
  const exec = (list: Buffer) => Buffer.concat([frame("*2 $1 v"), list]);
  t.ok(agree(exec(ab), exec(ba), { words: ["EXEC"], queued }, false));
  t.notOk(agree(exec(ab), exec(ba), { words: ["EXEC"], queued: queued.toReversed() }, false));
});

t.test("clocks and chance", async (t) => {
  t.ok(agree(frame(":1000"), frame(":999"), sent("TTL", "k"), false));
  t.notOk(agree(frame(":1000"), frame(":-1"), sent("TTL", "k"), false));
  t.notOk(agree(frame(":1000"), frame(":999"), sent("INCR", "k"), false));
  t.ok(agree(frame("$1 a"), frame("$2 bb"), sent("SRANDMEMBER", "s"), false));
  t.notOk(agree(frame("$1 a"), frame("$-1"), sent("SRANDMEMBER", "s"), false));
});

t.test("only the steps that matter are left", async (t) => {
  const steps = Array.from({ length: 100 }, (_, i) => ({ client: 0, words: [String(i)] }));
  const wanted = ["13", "57", "99"];
  const left = await minimise(steps, false, async (some) =>
    wanted.every((word) => some.some((step) => step.words[0] === word)),
  );
  t.same(
    left.map((step) => step.words[0]),
    wanted,
  );
});
