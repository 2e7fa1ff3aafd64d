import t from "tap";
import {
  latencyBucket,
  latencyBucketTop,
  latencyPercentile,
  latencySteps,
} from "../../../packages/core/src/command/latency-buckets.ts";
import { LATENCY_BUCKETS } from "../../../packages/core/src/ports/counters.ts";

t.test("cells cover all durations in order", async (t) => {
  t.equal(latencyBucket(0), 0);
  t.equal(latencyBucket(0.255), 0);
  t.equal(latencyBucket(0.256), 1);
  t.equal(latencyBucket(1e9), LATENCY_BUCKETS - 1, "what is longer than a second counts as the longest");
  for (let cell = 0; cell < LATENCY_BUCKETS - 1; cell++) {
    const top = latencyBucketTop(cell);
    if (top >= 1e9) break;
    t.equal(latencyBucket(top / 1000 + 1e-7), cell, `${top} ns ends cell ${cell}`);
    t.equal(latencyBucket((top + 1) / 1000 + 1e-7), cell + 1, `${top + 1} ns starts the next`);
  }
});

t.test("percentiles", async (t) => {
  const cells = new Float64Array(LATENCY_BUCKETS);
  t.equal(latencyPercentile(cells, 50), 0);
  for (let i = 0; i < 99; i++) cells[latencyBucket(10)] = (cells[latencyBucket(10)] as number) + 1;
  cells[latencyBucket(1000)] = 1;
  t.ok(Math.abs(latencyPercentile(cells, 50) - 10) < 1.3);
  t.ok(Math.abs(latencyPercentile(cells, 99) - 10) < 1.3);
  t.ok(Math.abs(latencyPercentile(cells, 99.5) - 1000) < 125);
  t.equal(latencyPercentile(cells, 100), latencyPercentile(cells, 99.5));
});

t.test("steps are cumulative, at the labels that Redis shows", async (t) => {
  const cells = new Float64Array(LATENCY_BUCKETS);
  t.same(latencySteps(cells), []);
  for (const usec of [0.1, 0.9, 3, 30, 30, 100, 5000]) {
    cells[latencyBucket(usec)] = (cells[latencyBucket(usec)] as number) + 1;
  }
  t.same(latencySteps(cells), [
    [1, 2],
    [4, 3],
    [33, 5],
    [132, 6],
    [8454, 7],
  ]);
});
