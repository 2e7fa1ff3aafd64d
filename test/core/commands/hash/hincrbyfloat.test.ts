import t from "tap";
import { FORMS, startCollections } from "../../../support/collection-client.ts";
import { RespError } from "../../../support/run.ts";
import { checkWrongType, wrongArity } from "../../../support/string-client.ts";

t.test("HINCRBYFLOAT", async (t) => {
  await checkWrongType(t, ["HINCRBYFLOAT", "KEY", "f", 1]);
  for (const [form, options] of FORMS) {
    const { run } = await startCollections(t, options);
    t.same(await run("HINCRBYFLOAT", "h", "f"), wrongArity("hincrbyfloat"));
    t.same(await run("HINCRBYFLOAT", "h", "f", "x"), new RespError("ERR value is not a valid float"), form);
    t.same(await run("HINCRBYFLOAT", "h", "f", "inf"), new RespError("ERR value is NaN or Infinity"));
    t.equal(await run("EXISTS", "h"), 0);
    t.equal(await run("HINCRBYFLOAT", "h", "f", "10.50"), "10.5");
    t.equal(await run("HINCRBYFLOAT", "h", "f", "0.1"), "10.6");
    t.equal(await run("HINCRBYFLOAT", "h", "f", "-10.6"), "0");
    t.equal(await run("HINCRBYFLOAT", "h", "f", "5.0e3"), "5000");
    await run("HSET", "h", "f", "9007199254740993");
    t.equal(await run("HINCRBYFLOAT", "h", "f", 1), "9007199254740994");
    for (const value of ["", " 11", "11 ", "1x"]) {
      await run("HSET", "h", "f", value);
      t.same(await run("HINCRBYFLOAT", "h", "f", 1), new RespError("ERR hash value is not a float"), value);
    }
    await run("HSET", "h", "f", "1e4932");
    t.same(await run("HINCRBYFLOAT", "h", "f", "1e4932"), new RespError("ERR increment would produce NaN or Infinity"));
    await run("HELLO", 3);
    t.equal(await run("HINCRBYFLOAT", "h", "g", "1.25"), "1.25", "a bulk string in RESP3 too");
  }
});
