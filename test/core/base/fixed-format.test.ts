import t from "tap";
import { formatFixed4, formatFixed17 } from "../../../packages/core/src/base/fixed-format.ts";

t.test("17 digits without the zeros at the end", async (t) => {
  for (const [value, text] of [
    [0, "0"],
    [-0, "0"],
    [180, "180"],
    [-85.5, "-85.5"],
    [0.1, "0.10000000000000001"],
    [13.361389338970184, "13.36138933897018433"],
    [1e-20, "0"],
    [-1e-20, "0"],
    // Exactly between two: to the even one.
    [2 ** -18, "0.00000381469726562"],
    [3 * 2 ** -18, "0.00001144409179688"],
  ] as const) {
    t.equal(formatFixed17(value), text);
  }
});

t.test("four digits", async (t) => {
  for (const [value, text] of [
    [0, "0.0000"],
    [166274.15156960033, "166274.1516"],
    [0.00004, "0.0000"],
    [0.00006, "0.0001"],
    [0.00005, "0.0000"],
    [0.00025, "0.0002"],
    [0.00035, "0.0004"],
    [-0.7751, "-0.7751"],
    [20015086.796, "20015086.7960"],
  ] as const) {
    t.equal(formatFixed4(value), text);
  }
});
