import t from "tap";
import { RestartPolicy } from "../../packages/proc-shard/src/supervisor/restart-policy.ts";

t.test("a sound worker is replaced at once, however often", async (t) => {
  const policy = new RestartPolicy();
  for (let i = 0; i < 50; i++) t.equal(policy.died(60_000), 0);
});

t.test("a crash loop slows down and ends", async (t) => {
  const policy = new RestartPolicy();
  const pauses = Array.from({ length: 10 }, () => policy.died(50));
  t.same(pauses, [0, 100, 200, 400, 800, 1600, 3200, 5000, 5000, null]);
});

t.test("a long life forgives earlier deaths", async (t) => {
  const policy = new RestartPolicy();
  for (let i = 0; i < 8; i++) policy.died(50);
  t.equal(policy.died(60_000), 0);
  t.equal(policy.died(50), 0);
});
