import t from "tap";
import { ERROR_NAME_BYTES, ERROR_ROWS } from "../../../packages/core/src/ports/counters.ts";
import type { SharedState } from "../../../packages/core/src/ports/shared-state.ts";
import { ErrorStats } from "../../../packages/core/src/server/error-stats.ts";

function table(): SharedState {
  return {
    errorStates: new Int32Array(new SharedArrayBuffer(ERROR_ROWS * 4)),
    errorNames: new Uint8Array(new SharedArrayBuffer(ERROR_ROWS * ERROR_NAME_BYTES)),
    errorCounts: new BigInt64Array(new SharedArrayBuffer(ERROR_ROWS * 8)),
  } as unknown as SharedState;
}

t.test("codes are counted over processes", async (t) => {
  const shared = table();
  const one = new ErrorStats(shared);
  const other = new ErrorStats(shared);
  one.count("WRONGTYPE Operation against");
  other.count("WRONGTYPE Operation against");
  other.count("ERR syntax error");
  one.count("NOBLANK");
  one.count(`${"X".repeat(40)} a code that is too long`);
  t.same(one.list(), [
    ["ERR", 3],
    ["WRONGTYPE", 2],
  ]);
  t.same(other.list(), one.list());
  other.reset();
  t.same(one.list(), []);
  one.count("WRONGTYPE again");
  t.same(other.list(), [["WRONGTYPE", 1]], "rows keep their names");
});

t.test("what finds no row any more is counted together", async (t) => {
  const stats = new ErrorStats(table());
  for (let i = 0; i < ERROR_ROWS + 10; i++) stats.count(`E${i} made up by a script`);
  const list = new Map(stats.list());
  t.equal(list.size, ERROR_ROWS);
  t.equal(list.get("ERRORSTATS_OVERFLOW"), 11);
});

t.test("a row that a dead process was naming is passed over", async (t) => {
  const shared = table();
  Atomics.store(shared.errorStates, 0, 1);
  const stats = new ErrorStats(shared);
  stats.count("ERR something");
  t.same(stats.list(), [["ERR", 1]]);
});
