import t from "tap";
import { NOT_AN_INTEGER } from "../../../packages/core/src/base/errors.ts";
import { Args } from "../../../packages/core/src/resp/args.ts";

const argsOf = (...values: string[]): Args => Args.of(values.map((value) => Buffer.from(value, "latin1")));

t.test("words are compared without case", async (t) => {
  const args = argsOf("set", "NX", "nX", "N", "NXX", "\u00ce\u00d8");
  t.ok(args.is(1, "nx"));
  t.ok(args.is(2, "nx"));
  t.notOk(args.is(3, "nx"));
  t.notOk(args.is(4, "nx"));
  t.notOk(args.is(5, "nx"), "only ASCII letters fold");
});

t.test("integers", async (t) => {
  const args = argsOf("x", "12", "-9007199254740992", "9223372036854775807", "9223372036854775808", "1a", "");
  t.equal(args.int(1), 12);
  t.throws(() => args.int(1, undefined, 13), { message: NOT_AN_INTEGER.message });
  t.throws(() => args.int(1, undefined, 0, 11), { message: NOT_AN_INTEGER.message });
  t.throws(() => args.int(2), { message: NOT_AN_INTEGER.message }, "beyond the safe range");
  t.equal(args.int64(3), 9223372036854775807n);
  t.throws(() => args.int64(4), { message: NOT_AN_INTEGER.message });
  t.throws(() => args.int64(5), { message: NOT_AN_INTEGER.message });
  t.throws(() => args.int64(6), { message: NOT_AN_INTEGER.message });
});

t.test("a saved command is independent of its buffer", async (t) => {
  const args = argsOf("set", "", "value");
  const saved = args.save();
  args.buffer.fill(0);
  args.load(saved);
  t.same([args.latin1(0), args.latin1(1), args.latin1(2)], ["set", "", "value"]);
});

t.test("grows and gives room back", async (t) => {
  const args = argsOf(...Array.from({ length: 100_000 }, (_, i) => String(i)));
  t.equal(args.latin1(99_999), "99999");
  args.shrink();
  t.ok(args.starts.length <= 64);
});
