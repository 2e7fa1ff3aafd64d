/**
 * A process of the store tests: attaches to the region, opens the store and does what the test says over IPC. Not a
 * test itself.
 */
import { attachSharedRegion, openStore, WriteLock } from "@keydb-ts/shared-mem";
import { COUNTER_KEY, decrementPairs, incrementPairs, readNumber, writeNumber } from "./store-rows.ts";

const [directory = "", regionPath = "", slot = "0"] = process.argv.slice(2);
const region = attachSharedRegion(regionPath, Number(slot));
const lock = new WriteLock(region);
const store = openStore({ directory, lock });

export type Request =
  | { what: "increment"; times: number }
  | { what: "set"; key: string; value: number }
  | { what: "churn" }
  | { what: "hold" }
  | { what: "hold-mutex-mid-write" }
  | { what: "begin"; timeoutMs: number }
  | { what: "pin" }
  | { what: "owner" };

function answer(value: unknown): void {
  process.send?.(value);
}

process.on("message", (request: Request) => {
  switch (request.what) {
    case "increment":
      for (let i = 0; i < request.times; i++) {
        store.begin(Number.POSITIVE_INFINITY);
        writeNumber(store, COUNTER_KEY, readNumber(store, COUNTER_KEY) + 1);
        store.commit(false);
      }
      answer("done");
      break;
    case "set":
      store.begin(Number.POSITIVE_INFINITY);
      writeNumber(store, request.key, request.value);
      store.commit(false);
      answer("done");
      break;
    case "churn":
      answer("churning");
      for (;;) {
        store.begin(Number.POSITIVE_INFINITY);
        incrementPairs(store);
        store.commit(false);
        store.begin(Number.POSITIVE_INFINITY);
        decrementPairs(store);
        store.abort();
      }
    case "hold":
      store.begin(Number.POSITIVE_INFINITY);
      lock.tag = 7;
      answer("holding");
      break;
    case "hold-mutex-mid-write":
      store.begin(Number.POSITIVE_INFINITY);
      writeNumber(store, COUNTER_KEY, 999_999);
      answer("holding");
      // Stays inside the txn, and blocks, until it is killed.
      for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
    case "begin": {
      const start = performance.now();
      const got = store.begin(request.timeoutMs);
      const waitedMs = performance.now() - start;
      const value = got ? readNumber(store, COUNTER_KEY) : -1;
      if (got) store.commit(false);
      answer({ got, waitedMs, value });
      break;
    }
    case "pin":
      readNumber(store, COUNTER_KEY);
      answer("pinned");
      break;
    case "owner":
      answer(lock.owner());
      break;
  }
});
process.on("disconnect", () => process.exit(0));
answer("ready");
