/** Takes the write lock of a shared region and keeps it, asleep or computing. Not a test itself. */
import { attachSharedRegion, WriteLock } from "@keydb-ts/shared-mem";

const [path = "", mode = "idle"] = process.argv.slice(2);
const lock = new WriteLock(attachSharedRegion(path, 0));
lock.acquire(1000);
process.send?.("held");
if (mode === "busy") {
  setTimeout(() => {
    const end = Date.now() + 20_000;
    while (Date.now() < end);
  }, 0);
} else setInterval(() => undefined, 1000);
