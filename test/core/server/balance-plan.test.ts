/** planMoves: who gives how many clients to whom. */
import t from "tap";
import { type Load, planMoves } from "../../../packages/core/src/server/balance-plan.ts";

function loads(...clients: readonly number[]): Load[] {
  return clients.map((count, slot) => ({ slot, clients: count, takes: true }));
}

/** The counts after a plan was carried out. */
function after(before: readonly Load[], least: number, most: number): number[] {
  const counts = new Map(before.map(({ slot, clients }) => [slot, clients]));
  for (const { from, to, clients } of planMoves(before, least, most)) {
    counts.set(from, (counts.get(from) ?? 0) - clients);
    counts.set(to, (counts.get(to) ?? 0) + clients);
  }
  return [...counts.values()];
}

t.test("all go to their exact shares at once", async (t) => {
  t.same(after(loads(200, 0), 20, 1000), [100, 100]);
  t.same(after(loads(0, 201, 0), 1, 1000), [67, 67, 67]);
  t.same(after(loads(5, 90, 6, 7), 0, 1000), [27, 27, 27, 27]);
  t.same(after(loads(61, 0), 0, 1000), [31, 30], "who has most keeps the odd one");
});

t.test("small differences are left alone", async (t) => {
  t.same(planMoves(loads(100, 100), 0, 1000), []);
  t.same(planMoves(loads(110, 90), 0, 1000), []);
  t.not(planMoves(loads(115, 85), 0, 1000).length, 0);
  t.same(planMoves(loads(2, 0), 0, 1000), []);
  const seven = [100, 105, 105, 105, 105, 105, 105];
  t.same(planMoves(loads(...seven), 0, 1000), []);
  t.not(planMoves(loads(65, ...seven), 0, 1000).length, 0, "one that lacks clients is enough");
});

t.test("once begun, moving goes on to the exact shares", async (t) => {
  t.same(planMoves(loads(550, 450), 0, 50), []);
  t.same(planMoves(loads(550, 450), 0, 50, true), [{ from: 0, to: 1, clients: 50 }]);
  t.same(planMoves(loads(501, 499), 0, 50, true), []);
});

t.test("a process keeps as many as min-clients-per-thread", async (t) => {
  t.same(planMoves(loads(20, 0), 20, 1000), []);
  t.same(after(loads(30, 0), 20, 1000), [20, 10]);
});

t.test("a plan is bounded, and fills those that lack clients together", async (t) => {
  t.same(after(loads(1000, 0, 0), 0, 50), [950, 25, 25]);
  t.same(planMoves(loads(10_000, 0), 20, 50), [{ from: 0, to: 1, clients: 50 }]);
  t.same(after(loads(1000, 0, 200), 0, 300), [700, 250, 250]);
});

t.test("who leaves gives all it has, who does not take gets none", async (t) => {
  const leaving = { slot: 2, clients: 5, takes: false };
  t.same(after([...loads(10, 10), leaving], 20, 1000), [13, 12, 0]);
  t.same(planMoves([leaving], 0, 1000), [], "nobody could take them");
  t.same(planMoves([...loads(10, 10), { ...leaving, clients: 0 }], 0, 1000), []);
});

t.test("random loads: nobody is lost, and one plan without bound leaves nothing to do", async (t) => {
  let seed = 12345;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return seed % below;
  };
  for (let i = 0; i < 500; i++) {
    const before = loads(...Array.from({ length: 1 + random(8) }, () => random(300)));
    const counts = after(before, 0, Number.POSITIVE_INFINITY);
    const total = before.reduce((sum, load) => sum + load.clients, 0);
    const sum = counts.reduce((all, count) => all + count, 0);
    if (sum !== total || Math.min(...counts) < 0) t.fail(`${JSON.stringify(before)} became ${counts}`);
    if (planMoves(loads(...counts), 0, 1000).length > 0) t.fail(`${counts} is not balanced`);
  }
});
