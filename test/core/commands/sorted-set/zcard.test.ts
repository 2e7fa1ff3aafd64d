import t from "tap";
import { checkCommon, checkWrongType } from "../../../support/string-client.ts";
import { FORMS, startZsets } from "../../../support/zset-client.ts";

t.test("ZCARD", async (t) => {
  await checkCommon(t, ["ZCARD", "KEY"], 0);
  await checkWrongType(t, ["ZCARD", "KEY"]);
  for (const [, options] of FORMS) {
    const { run, fill } = await startZsets(t, options);
    await fill("z", "a 1 b 2 a 3");
    t.equal(await run("ZCARD", "z"), 2);
  }
});
