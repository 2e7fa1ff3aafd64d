import t from "tap";
import { bytesToHuman } from "../../../packages/core/src/base/human-bytes.ts";

t.test("bytesToHuman", async (t) => {
  const cases: [number, string][] = [
    [0, "0B"],
    [1023, "1023B"],
    [1024, "1.00K"],
    [1152, "1.12K"],
    [1408, "1.38K"],
    [1048575, "1024.00K"],
    [1048576, "1.00M"],
    [1572864, "1.50M"],
    [2 ** 30, "1.00G"],
    [5 * 2 ** 40, "5.00T"],
    [2 ** 50, "1.00P"],
    [2 ** 53 - 1, "8.00P"],
    [2 ** 60, "1152921504606846976B"],
  ];
  for (const [bytes, text] of cases) t.equal(bytesToHuman(bytes), text, `${bytes}`);
});
