/** Rows of blocked clients, on both stores. */
import t from "tap";
import { TYPE_ID } from "../../../packages/core/src/codec/format.ts";
import { NO_KEY, type Wait, Waits } from "../../../packages/core/src/keyspace/waits.ts";
import { openTestKeyspace, STORE_KINDS } from "../../support/test-keyspace.ts";

const LIST = TYPE_ID.list;

function waitOf(waits: Waits, clientId: number, kind: number, ...keys: string[]): Wait {
  return {
    state: "waiting",
    stamp: waits.newStamp(),
    owner: { slot: 3, pid: 77, clientId },
    user: clientId === 2 ? null : "alice",
    db: 2,
    resp: 3,
    kind,
    args: [Buffer.from("BLPOP"), ...keys.map((key) => Buffer.from(key)), Buffer.from("0")],
    keys: keys.map((_, i) => i + 1),
  };
}

for (const kind of STORE_KINDS) {
  t.test(`waits of several keys are found in order and leave nothing behind (${kind})`, async (t) => {
    const test = openTestKeyspace(t, kind);
    const { keyspace, store } = test;
    const waits = new Waits(keyspace);
    const long = "k".repeat(3000);
    const [first, second, other] = test.write(() => {
      const made = [
        waitOf(waits, 1, LIST, "a", long),
        waitOf(waits, 2, LIST, "a"),
        waitOf(waits, 3, TYPE_ID.stream | NO_KEY, "a"),
      ] as const;
      for (const wait of made) waits.register(wait);
      return made;
    });
    test.write(() => {
      const stamps = (key: string, type: number, after: Buffer | null = null, limit = 10): string[] =>
        waits.ofKey(2, Buffer.from(key), type, after, limit).map((stamp) => stamp.toString("hex"));
      const hex = (wait: Wait): string => wait.stamp.toString("hex");
      t.strictSame(stamps("a", LIST), [hex(first), hex(second)], "in order of arrival");
      t.strictSame(stamps("a", LIST, null, 1), [hex(first)]);
      t.strictSame(stamps("a", LIST, first.stamp), [hex(second)]);
      t.strictSame(stamps(long, LIST), [hex(first)], "a long key");
      t.strictSame(stamps("a", TYPE_ID.stream | NO_KEY), [hex(other)], "another kind");
      t.strictSame(stamps("b", LIST), []);
      t.strictSame(waits.read(first.stamp), first, "as it was written");
      t.strictSame(waits.read(second.stamp), second);
      t.strictSame(waits.countKeys(), { keys: 2, onNoKey: 1 });
      t.equal(waits.all().length, 3);

      const reply = Buffer.alloc(3_000_000, "r");
      waits.hand(first, reply, [Buffer.from("LPUSH"), Buffer.from("a"), Buffer.from("x")]);
      t.strictSame(stamps("a", LIST), [hex(second)], "handed: it waits for nothing more");
      const handed = waits.read(first.stamp);
      t.match(handed, { state: "handed", owner: first.owner, db: 2 });
      if (handed?.state === "handed") {
        t.ok(handed.reply.equals(reply), "a large reply");
        t.equal(handed.giveBack.join(" "), "LPUSH a x");
        waits.forget(handed);
      }
      waits.forget(second);
      waits.forget(other);
      t.equal(waits.read(second.stamp), null);
      t.equal(waits.any, false);
    });
    t.strictSame(waits.countKeys(), { keys: 0, onNoKey: 0 });
    store.releaseSnapshot();
  });
}
