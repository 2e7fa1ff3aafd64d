import t from "tap";
import { checkCommon, checkWrongType, startStrings } from "../../../support/string-client.ts";

t.test("STRLEN", async (t) => {
  await checkCommon(t, ["STRLEN", "KEY"], 0);
  await checkWrongType(t, ["STRLEN", "KEY"]);
  const { run } = await startStrings(t);
  for (const size of [0, 1, 44, 20_000, 300_000]) {
    await run("SET", "a", "x".repeat(size));
    t.equal(await run("STRLEN", "a"), size);
  }
  await run("SET", "a", -12345);
  t.equal(await run("STRLEN", "a"), 6);
});
