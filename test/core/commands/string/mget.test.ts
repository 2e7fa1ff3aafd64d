import t from "tap";
import { checkCommon, startStrings } from "../../../support/string-client.ts";

t.test("MGET", async (t) => {
  await checkCommon(t, ["MGET", "KEY", "KEY"], [null, null]);
  const { run } = await startStrings(t);
  await run("SET", "a", "1");
  await run("SET", "b", "x".repeat(40_000));
  t.same(await run("MGET", "a", "nokey", "b", "list", "a"), ["1", null, "x".repeat(40_000), null, "1"]);
  const keys = Array.from({ length: 5000 }, (_, i) => `k${i}`);
  await run("MSET", ...keys.flatMap((key, i) => [key, i]));
  t.same(
    await run("MGET", ...keys),
    keys.map((_, i) => String(i)),
  );
});
