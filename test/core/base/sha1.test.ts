import t from "tap";
import { sha1, sha1Hex } from "../../../packages/core/src/base/sha1.ts";

t.test("sha1", async (t) => {
  t.equal(sha1Hex(Buffer.from("return 1")), "e0e1f9fabfc9d4800c877a703b823ac0578ff8db");
  t.equal(sha1(Buffer.from("abc")).toString("hex"), "a9993e364706816aba3e25717850c26c9cd0d89d");
});
