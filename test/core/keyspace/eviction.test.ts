/** Which keys go when memory is short, and how much the data takes. */
import t from "tap";
import { AccessClock } from "../../../packages/core/src/keyspace/access-clock.ts";
import { DataSize } from "../../../packages/core/src/keyspace/data-size.ts";
import { Eviction, type EvictionPolicy } from "../../../packages/core/src/keyspace/eviction.ts";
import { openTestKeyspace, STORE_KINDS, type TestKeyspace } from "../../support/test-keyspace.ts";

const NOW = 1_800_000_000_000;

function evictionOf(space: TestKeyspace, policy: EvictionPolicy): { eviction: Eviction; clock: AccessClock } {
  const clock = new AccessClock(new Uint32Array(1 << 20));
  clock.lfu = policy.endsWith("-lfu");
  const eviction = new Eviction(space.keyspace, clock);
  eviction.policy = policy;
  eviction.samples = 10;
  space.keyspace.nowMs = NOW;
  return { eviction, clock };
}

/** The names of `n` keys that exist no more, of those `name` makes. */
function gone(space: TestKeyspace, n: number, name: (i: number) => string, db = 0): number[] {
  return space.read(() => Array.from({ length: n }, (_, i) => i).filter((i) => space.find(name(i), db) === null));
}

for (const kind of STORE_KINDS) {
  t.test(`${kind}: the keys used least recently, or least often, go first`, async (t) => {
    for (const policy of ["allkeys-lru", "allkeys-lfu"] as const) {
      const space = openTestKeyspace(t, kind);
      const { eviction, clock } = evictionOf(space, policy);
      space.write(() => {
        for (let i = 0; i < 1000; i++) space.set(`${policy}:${i}`, "x");
      });
      for (let i = 0; i < 1000; i++) {
        const name = Buffer.from(`${policy}:${i}`);
        const hash = space.keyspace.hashOf(name, 0, name.length);
        clock.create(hash, NOW);
        // The lower half was used long ago, and seldom.
        const times = policy === "allkeys-lfu" && i >= 500 ? 200 : 1;
        for (let n = 0; n < times; n++) clock.touch(hash, i < 500 ? NOW - 3_600_000 : NOW);
      }
      let bytes = 0;
      space.write(() => {
        for (let n = 0; n < 300; n++) bytes += eviction.evictOne();
      });
      const lost = gone(space, 1000, (i) => `${policy}:${i}`);
      t.equal(lost.length, 300);
      const wrong = lost.filter((i) => i >= 500).length;
      t.ok(wrong < 15, `${policy}: ${wrong} of 300 were of the half in use`);
      t.ok(bytes > 300 * 30 && bytes < 300 * 200, `${bytes} bytes`);
      t.same(space.check().problems, []);
    }
  });

  t.test(`${kind}: volatile policies leave keys without an expiry alone`, async (t) => {
    for (const policy of ["volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl"] as const) {
      const space = openTestKeyspace(t, kind);
      const { eviction } = evictionOf(space, policy);
      const long = "long".repeat(600);
      space.write(() => {
        for (let i = 0; i < 50; i++) {
          space.set(`kept:${i}`, "x");
          space.set(`${long}:${i}`, "x", NOW + 1000 + i);
        }
      });
      space.write(() => {
        for (let n = 0; n < 50; n++) t.ok(eviction.evictOne() > 0);
        t.equal(eviction.evictOne(), 0, "none is left that may go");
      });
      t.equal(gone(space, 50, (i) => `${long}:${i}`).length, 50);
      t.equal(gone(space, 50, (i) => `kept:${i}`).length, 0);
      t.same(space.check().problems, []);
    }
  });

  t.test(`${kind}: volatile-ttl takes the one that expires first`, async (t) => {
    const space = openTestKeyspace(t, kind);
    const { eviction } = evictionOf(space, "volatile-ttl");
    space.write(() => {
      for (let i = 0; i < 20; i++) space.set(`k${i}`, "x", NOW + 1000 * (20 - i));
    });
    space.write(() => {
      for (let n = 0; n < 5; n++) eviction.evictOne();
    });
    t.same(
      gone(space, 20, (i) => `k${i}`),
      [15, 16, 17, 18, 19],
    );
  });

  t.test(`${kind}: every database gives keys; events tell which`, async (t) => {
    const space = openTestKeyspace(t, kind);
    const { eviction } = evictionOf(space, "allkeys-random");
    const told: string[] = [];
    space.keyspace.listener = {
      wantsExpired: false,
      wantsCreated: false,
      wantsMembers: false,
      expired: () => undefined,
      created: () => undefined,
      membersExpired: () => undefined,
      memberExpired: () => undefined,
      wantsMember: false,
      evicted: (db, key) => told.push(`${db}:${key.toString()}`),
    };
    space.write(() => {
      for (let i = 0; i < 10; i++) space.set(`k${i}`, "x", -1, i % 2 === 0 ? 3 : 15);
    });
    space.write(() => {
      for (let n = 0; n < 10; n++) t.ok(eviction.evictOne() > 0);
      t.equal(eviction.evictOne(), 0);
    });
    t.same(told.sort(), Array.from({ length: 10 }, (_, i) => `${i % 2 === 0 ? 3 : 15}:k${i}`).sort());
    t.same(space.check().problems, []);
  });
}

t.test("lmdb: the size of the data follows keys and values, and what was deleted does not count", async (t) => {
  const space = openTestKeyspace(t, "lmdb");
  const size = new DataSize(space.keyspace);
  const measured = (): number => {
    let value = 0;
    // Estimates settle within some samples.
    for (let i = 0; i < 30; i++) value = space.read(() => size.read());
    return value;
  };
  const empty = measured();
  t.ok(empty < 100_000, `${empty} when empty`);
  space.write(() => {
    for (let i = 0; i < 20_000; i++) space.set(`key:${i}`, "v".repeat(100));
  });
  const full = measured();
  t.ok(full > 20_000 * 100 && full < 20_000 * 300, `${full} with 20,000 values of 100 bytes`);
  const pages = space.read(() => space.store.stats());
  const real = (pages.leafPages + pages.branchPages + pages.overflowPages) * pages.pageSizeBytes;
  t.ok(Math.abs(full - real) < 0.3 * real, `${real} in pages`);
  space.write(() => {
    for (let i = 0; i < 10_000; i++) space.delete(`key:${i}`);
  });
  const half = measured();
  t.ok(Math.abs(half - full / 2) < 0.15 * full, `${half} after half was deleted`);
  space.write(() => space.set("long", Buffer.alloc(1_000_000)));
  t.ok(measured() - half > 900_000);
});
