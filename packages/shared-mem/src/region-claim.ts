/**
 * Who a shared region's file belongs to. The running server holds a lock on it; the file of a killed one is removed by
 * the next server of the same user, whatever directory that one serves: nobody else would, and it takes memory.
 */
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, statSync, unlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { lockFile } from "./libc.ts";
import { OFFSET } from "./region-layout.ts";
import { createSharedRegion, isAlive, type SharedRegion } from "./shared-region.ts";

/**
 * Creates the region as `createSharedRegion` does and keeps it claimed until this process ends. For the supervisor.
 * Removes what killed servers left beside it.
 */
export function createClaimedRegion(path: string): SharedRegion {
  removeStaleRegions(path);
  for (;;) {
    const region = createSharedRegion(path);
    // Another server that starts at this moment may have taken the file for a stale one, before it was locked.
    const fd = openIfThere(path);
    if (fd >= 0) {
      if (lockFile(fd) && statSync(path, { throwIfNoEntry: false })?.ino === fstatSync(fd).ino) return region;
      closeSync(fd);
    }
    region.memory.unmap();
  }
}

/** Descriptor of a file, -1 when there is none. */
function openIfThere(path: string): number {
  try {
    return openSync(path, constants.O_RDWR);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return -1;
    throw error;
  }
}

/** Files named like this one but for the last part of the name, of servers that no longer run. */
function removeStaleRegions(path: string): void {
  const directory = dirname(path);
  const prefix = basename(path).replace(/[^.]*$/, "");
  for (const name of readdirSync(directory)) {
    if (prefix === "" || !name.startsWith(prefix)) continue;
    try {
      removeIfStale(join(directory, name));
    } catch {
      // It went away, or it is another user's: neither is our business.
    }
  }
}

function removeIfStale(path: string): void {
  const fd = openSync(path, constants.O_RDWR);
  try {
    const pid = Buffer.alloc(4);
    if (readSync(fd, pid, 0, 4, OFFSET.creatorPid) !== 4 || isAlive(pid.readInt32LE())) return;
    if (lockFile(fd)) unlinkSync(path);
  } finally {
    closeSync(fd);
  }
}
