import t from "tap";
import { AccessClock } from "../../../packages/core/src/keyspace/access-clock.ts";

const NOW = 1_800_000_000_000;
const SECOND = 1000;
const MINUTE = 60_000;

t.test("LRU: seconds since the last use", async (t) => {
  const clock = new AccessClock(new Uint32Array(1024));
  t.equal(clock.idleSeconds(7, NOW), 0, "never seen: as if just used");
  clock.touch(7, NOW);
  t.equal(clock.idleSeconds(7, NOW + 90 * SECOND), 90);
  t.equal(clock.idleSeconds(7 + 1024, NOW + 90 * SECOND), 90, "keys that share a slot share the answer");
  clock.restore(8, NOW, 3600, null);
  t.equal(clock.idleSeconds(8, NOW + SECOND), 3601);
  clock.transfer(8, 9);
  t.equal(clock.idleSeconds(9, NOW), 3600);
  clock.touch(10, NOW);
  t.equal(clock.idleSeconds(10, NOW + 2 ** 24 * SECOND - SECOND), 2 ** 24 - 1, "24 bits of seconds");
});

t.test("LFU: a counter that grows ever more slowly and decays", async (t) => {
  const clock = new AccessClock(new Uint32Array(1024));
  clock.lfu = true;
  clock.create(1, NOW);
  t.equal(clock.frequency(1, NOW), 5, "Redis' start value");
  clock.touch(1, NOW);
  t.equal(clock.frequency(1, NOW), 6, "at the start value each use counts");
  for (let i = 0; i < 100_000; i++) clock.touch(1, NOW);
  const high = clock.frequency(1, NOW);
  t.ok(high > 80 && high < 200, `${high} after 100,000 uses`);
  t.equal(clock.frequency(1, NOW + 10 * MINUTE), high - 10, "one less per minute");
  t.equal(clock.frequency(1, NOW + 1000 * MINUTE), 0);
  clock.lfuDecayMinutes = 0;
  t.equal(clock.frequency(1, NOW + 1000 * MINUTE), high, "decay off");
  clock.lfuLogFactor = 0;
  clock.create(2, NOW);
  for (let i = 0; i < 300; i++) clock.touch(2, NOW);
  t.equal(clock.frequency(2, NOW), 255, "and never beyond 255");
  clock.restore(3, NOW, null, 77);
  t.equal(clock.frequency(3, NOW), 77);
});
