import t from "tap";
import { checkCommon, checkWrongType, startStrings } from "../../../support/string-client.ts";

t.test("GETDEL", async (t) => {
  await checkCommon(t, ["GETDEL", "KEY"], null);
  await checkWrongType(t, ["GETDEL", "KEY"]);
  const { run } = await startStrings(t);
  for (const value of ["", "1", "x".repeat(40_000)]) {
    await run("SET", "a", value, "EX", 100);
    t.equal(await run("GETDEL", "a"), value);
    t.equal(await run("EXISTS", "a"), 0);
  }
  t.equal(await run("DBSIZE"), 1, "list");
});
