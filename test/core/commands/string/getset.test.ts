import t from "tap";
import { checkCommon, checkWrongType, startStrings } from "../../../support/string-client.ts";

t.test("GETSET", async (t) => {
  await checkCommon(t, ["GETSET", "KEY", "v"], null);
  await checkWrongType(t, ["GETSET", "KEY", "v"]);
  const { run } = await startStrings(t);
  await run("SET", "a", "1", "EX", 100);
  t.equal(await run("GETSET", "a", "2"), "1");
  t.equal(await run("TTL", "a"), -1);
  t.equal(await run("GETSET", "a", "x".repeat(40_000)), "2");
  t.equal(await run("GETSET", "a", ""), "x".repeat(40_000));
  t.equal(await run("GET", "a"), "");
});
