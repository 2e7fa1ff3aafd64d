/** Holds a shared region until it is killed. Not a test itself. */
import { createClaimedRegion } from "@keydb-ts/shared-mem";

createClaimedRegion(process.argv[2] ?? "");
process.send?.("claimed");
setInterval(() => undefined, 1000);
