import t from "tap";
import {
  type CommandSpec,
  type KeySpec,
  keyAt,
  keyNum,
  keyRange,
} from "../../../packages/core/src/command/command-spec.ts";
import { countedKeys } from "../../../packages/core/src/command/counted-keys.ts";
import { defineCommand } from "../../../packages/core/src/command/define-command.ts";
import { findKeys, hasKeys, legacyKeyRange } from "../../../packages/core/src/command/key-extraction.ts";
import { Args } from "../../../packages/core/src/resp/args.ts";

function commandWith(spec: Partial<CommandSpec>): ReturnType<typeof defineCommand> {
  return defineCommand({
    name: "X",
    group: "generic",
    since: "1.0.0",
    summary: "For this test.",
    complexity: "O(1)",
    arity: -1,
    flags: [],
    handler: () => undefined,
    ...spec,
  });
}

function indexes(spec: Partial<CommandSpec>, line: string): number[] | null {
  const args = Args.of(line.split(" ").map((word) => Buffer.from(word)));
  return findKeys(commandWith(spec), args)?.map(({ index }) => index) ?? null;
}

const afterStreams: KeySpec = {
  flags: ["RO"],
  beginSearch: { type: "keyword", keyword: "STREAMS", startFrom: 1 },
  findKeys: { type: "range", lastKey: -1, keyStep: 1, limit: 2 },
};
const unknown: KeySpec = { flags: ["RO"], beginSearch: { type: "unknown" }, findKeys: { type: "unknown" } };

t.test("keys by specs", async (t) => {
  t.same(indexes({ keys: [keyAt(1, "RO")] }, "x a b"), [1]);
  t.same(indexes({ keys: [keyRange(1, -1, 1, "RO")] }, "x a b c"), [1, 2, 3]);
  t.same(indexes({ keys: [keyRange(1, -1, 2, "OW")] }, "x a 1 b 2"), [1, 3]);
  t.same(indexes({ keys: [keyRange(1, -2, 1, "RO")] }, "x a b 0"), [1, 2]);
  t.same(indexes({ keys: [keyNum(1, "RO")] }, "x 2 a b c"), [2, 3]);
  t.same(indexes({ keys: [keyAt(1, "OW"), keyNum(2, "RO")] }, "x d 2 a b"), [1, 3, 4]);
  t.same(indexes({ keys: [afterStreams] }, "x count 1 streams a b 0 0"), [4, 5], "the first half of the rest");
  t.same(indexes({ keys: [afterStreams] }, "x count 1"), [], "no keyword, no keys");
});

t.test("malformed requests", async (t) => {
  t.equal(indexes({ keys: [keyAt(1, "RO")] }, "x"), null);
  t.equal(indexes({ keys: [keyNum(1, "RO")] }, "x 3 a b"), null);
  t.equal(indexes({ keys: [keyNum(1, "RO")] }, "x -1 a"), null);
  t.equal(indexes({ keys: [keyNum(1, "RO")] }, "x many a"), null);
  t.equal(indexes({ keys: [keyNum(1, "RO")] }, "x 0"), null);
});

t.test("keysBy stands in where the specs do not suffice", async (t) => {
  const keysBy = (): [{ index: number; flags: ["RW"] }] => [{ index: 2, flags: ["RW"] }];
  t.same(indexes({ keys: [keyAt(1, "RO")], keysBy }, "x a b"), [1], "reliable specs are preferred");
  t.same(indexes({ keys: [keyAt(1, "RO", "variable_flags")], keysBy }, "x a b"), [2]);
  t.same(indexes({ keys: [keyAt(1, "RO", "incomplete")], keysBy }, "x a b"), [2]);
  t.same(indexes({ keys: [unknown], keysBy }, "x a b"), [2]);
  t.same(indexes({ keysBy }, "x a b"), [2]);
  t.equal(indexes({ keys: [unknown] }, "x a b"), null);
});

t.test("a count that only C's atoi understands", async (t) => {
  const plain = { keys: [keyNum(1, "RO")], keysBy: countedKeys(1) };
  const stored = { keys: [keyAt(1, "OW"), keyNum(2, "RO")], keysBy: countedKeys(2, 1) };
  t.same(indexes(stored, "x d 2 a b"), [1, 3, 4], "a number: by the specs");
  t.same(indexes(stored, "x d 2.5 a b"), [3, 4, 1], "no number: the destination comes last");
  t.same(indexes(plain, "x +1 a b"), [2]);
  t.same(indexes(plain, "x 02 a b"), [2, 3]);
  for (const line of ["x many a", "x 0 a", "x -1 a", "x 3 a b", "x 3.5 a b", "x 99999999999999999999 a", "x"]) {
    t.same(indexes(plain, line), [], line);
  }
  t.same(indexes(plain, "x 4294967298 a b"), [2, 3], "the lower 32 bits count");
  t.same(indexes(plain, "x 18446744073709551617 a b"), [], "beyond 64 bits there are none");
});

t.test("what only looks like a key", async (t) => {
  const channel = commandWith({ keys: [keyAt(1, "not_key")] });
  t.equal(hasKeys(channel), false);
  t.equal(hasKeys(commandWith({})), false);
  t.equal(hasKeys(commandWith({ keys: [keyAt(1, "RO")] })), true);
  t.equal(hasKeys(commandWith({ keysBy: () => null })), true);
});

t.test("legacy ranges", async (t) => {
  const range = (...specs: KeySpec[]): unknown[] => {
    const { first, last, step, isPartial } = legacyKeyRange(specs);
    return [first, last, step, isPartial];
  };
  t.same(range(), [0, 0, 0, false]);
  t.same(range(keyAt(1, "RO")), [1, 1, 1, false]);
  t.same(range(keyRange(1, -1, 2, "OW")), [1, -1, 2, false]);
  t.same(range(keyAt(1, "OW"), keyRange(2, -1, 1, "RO")), [1, -1, 1, false], "BITOP's form");
  t.same(range(keyAt(1, "RW"), keyAt(2, "RW")), [1, 2, 1, false]);
  t.same(range(keyAt(1, "OW"), keyNum(2, "RO")), [1, 1, 1, true], "ZUNIONSTORE's form");
  t.same(range(keyNum(2, "RO")), [0, 0, 0, true], "EVAL's form");
  t.same(range(keyAt(1, "RO", "incomplete")), [1, 1, 1, true]);
});
