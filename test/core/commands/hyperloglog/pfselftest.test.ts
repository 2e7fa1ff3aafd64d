import t from "tap";
import { startClient } from "../../../support/run.ts";

t.test("PFSELFTEST", async (t) => {
  const { run } = await startClient(t);
  t.equal(await run("PFSELFTEST"), "OK");
});
