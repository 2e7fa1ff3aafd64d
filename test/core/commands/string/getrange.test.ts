import t from "tap";
import {
  CHUNK_BYTES,
  checkCommon,
  checkWrongType,
  NOT_AN_INTEGER,
  startStrings,
} from "../../../support/string-client.ts";

const INT64_MIN = -(1n << 63n);

for (const name of ["GETRANGE", "SUBSTR"]) {
  t.test(name, async (t) => {
    await checkCommon(t, [name, "KEY", 0, -1], "");
    await checkWrongType(t, [name, "KEY", 0, -1]);
    const { run } = await startStrings(t);
    await run("SET", "a", "Hello World");
    for (const [start, end, wanted] of [
      [0, 4, "Hello"],
      [0, -1, "Hello World"],
      [-5, -1, "World"],
      [5, 3, ""],
      [-1, -5, ""],
      [20, 30, ""],
      [0, 1000, "Hello World"],
      [-1000, 2, "Hel"],
      [-1000, -999, "H"],
      [-999, -1000, ""],
      [INT64_MIN, INT64_MIN + 1n, "H"],
      [INT64_MIN + 1n, INT64_MIN, ""],
      [0, (1n << 63n) - 1n, "Hello World"],
    ] as const) {
      t.equal(await run(name, "a", start, end), wanted, `${start} ${end}`);
    }
    await run("SET", "empty", "");
    t.equal(await run(name, "empty", 0, -1), "");
    t.same(await run(name, "a", "x", 1), NOT_AN_INTEGER);
    t.same(await run(name, "a", 1, 1n << 63n), NOT_AN_INTEGER);
    t.same(await run(name, "list", 1, "x"), NOT_AN_INTEGER, "arguments come first");
    await run("SET", "n", 12345);
    t.equal(await run(name, "n", 1, 2), "23");
  });
}

t.test("parts of a value in chunks", async (t) => {
  const { run } = await startStrings(t);
  const value = Array.from({ length: 30_000 }, (_, i) => String(i % 7919)).join("");
  await run("SET", "a", value);
  const edges = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, value.length - 1, value.length];
  for (const from of edges) {
    for (const last of edges) {
      const wanted = from <= last ? value.slice(from, last + 1) : "";
      t.ok((await run("GETRANGE", "a", from, last)) === wanted, `${from} ${last}`);
    }
  }
});
