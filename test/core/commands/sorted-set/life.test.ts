/** What commands of other groups do with sorted sets. */
import t from "tap";
import { FORMS, startZsets } from "../../../support/zset-client.ts";

for (const [form, options] of FORMS) {
  t.test(`a ${form} set is copied, renamed, moved, expired and deleted`, async (t) => {
    const { run, fill, show, encoding, problems } = await startZsets(t, { ...options, store: "lmdb" });
    await fill("z", `a 1 b 2 ${"l".repeat(2000)} 3`);
    const all = await show("z");
    t.equal(await run("TYPE", "z"), "zset");
    t.equal(await run("COPY", "z", "copy"), 1);
    await run("ZADD", "copy", 9, "a");
    t.equal(await show("z"), all);
    await run("RENAME", "copy", "renamed");
    t.equal(await run("ZSCORE", "renamed", "a"), "9");
    t.equal(await run("MOVE", "renamed", 1), 1);
    await run("SELECT", 1);
    t.equal(await run("ZCARD", "renamed"), 3);
    await run("SELECT", 0);
    t.equal(await encoding("z"), "skiplist");
    t.ok(Number(await run("MEMORY", "USAGE", "z")) > 2000);
    t.equal(await run("PEXPIREAT", "z", 1), 1);
    t.equal(await run("EXISTS", "z"), 0);
    await fill("z", "a 1 b 2");
    await run("SET", "z", "x");
    t.equal(await run("GET", "z"), "x");
    await run("FLUSHALL");
    t.same(problems(), []);
  });
}

t.test("the digest does not depend on encoding or history", async (t) => {
  const digests = new Set<string>();
  for (const [, options] of FORMS) {
    const { run, fill } = await startZsets(t, options);
    await fill("z", "a 1 b 1.5 c -inf d 100000000 e 1e-7");
    // Redis 7.2.4 says so of the same set.
    digests.add(String(await run("DEBUG", "DIGEST-VALUE", "z")));
    await fill("z", "x 1 a 7");
    await run("ZREM", "z", "x");
    await fill("z", "a 1");
    digests.add(String(await run("DEBUG", "DIGEST-VALUE", "z")));
  }
  t.same([...digests], ["17fa77a67f40dbc245620853c61336df3816227c"]);
});
