import t from "tap";
import { FORMS, startCollections } from "../../../support/collection-client.ts";
import { checkCommon, checkWrongType } from "../../../support/string-client.ts";

t.test("SREM", async (t) => {
  await checkCommon(t, ["SREM", "KEY", "m"], 0);
  await checkWrongType(t, ["SREM", "KEY", "m"]);
  for (const [form, options] of FORMS) {
    for (const members of [
      ["a", "b", "c", "1"],
      ["1", "2", "3", "400000"],
    ]) {
      const { run, sorted, problems } = await startCollections(t, options);
      await run("SADD", "s", ...members);
      t.equal(await run("SREM", "s", "x"), 0, form);
      t.equal(await run("SREM", "s", members[1] as string, "x", members[1] as string, members[3] as string), 2);
      t.same(await sorted("SMEMBERS", "s"), [members[0], members[2]]);
      t.equal(await run("SREM", "s", ...members), 2);
      t.equal(await run("EXISTS", "s"), 0);
      t.same(problems(), []);
    }
  }
});
