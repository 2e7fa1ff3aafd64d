/**
 * The store's directory from the supervisor's side: claimed for this server, opened for upkeep, and marked clean at an
 * orderly end. Steps as in packages/shared-mem/README.md ("Life of a server").
 */
import { randomBytes } from "node:crypto";
import { renameSync } from "node:fs";
import { type LogLevel, SHARED_WORD, SHARED_WORD64 } from "@keydb-ts/core/contracts";
import {
  clearDeadOwner,
  createClaimedRegion,
  type DirectoryGuard,
  dataFileOf,
  discardStore,
  guardStoreDirectory,
  type LmdbStore,
  markClean,
  markDirty,
  openStore,
  readCleanMark,
  type SharedRegion,
  sharedRegionPath,
} from "@keydb-ts/shared-mem";

export class StoreLife {
  readonly directory: string;
  readonly region: SharedRegion;
  readonly runId = randomBytes(20).toString("hex");
  readonly startTimeMs = Date.now();
  private readonly guard: DirectoryGuard;
  private readonly store: LmdbStore;

  /** Throws an Error with one line for people when the directory cannot be used. */
  constructor(directory: string, log: (level: LogLevel, text: string) => void) {
    this.directory = directory;
    this.guard = guardStoreDirectory(directory);
    if (readCleanMark(directory) === "torn") setAside(directory, log);
    markDirty(directory);
    this.region = createClaimedRegion(sharedRegionPath(directory));
    Atomics.store(this.region.words64, SHARED_WORD64.start_time_ms, BigInt(this.startTimeMs));
    Atomics.store(this.region.words, SHARED_WORD.active_expire_enabled, 1);
    try {
      this.store = openStore({ directory, lock: null });
      this.store.releaseSnapshot();
    } catch (error) {
      this.region.remove();
      throw error;
    }
  }

  workerGone(slot: number, pid: number): void {
    clearDeadOwner(this.region, pid);
    this.region.releaseSlot(slot);
    this.store.readerCheck();
  }

  leaderChanged(slot: number): void {
    Atomics.store(this.region.words, SHARED_WORD.leader_slot, slot);
  }

  stopping(): void {
    Atomics.store(this.region.words, SHARED_WORD.shutdown_state, 1);
  }

  /** After the last worker has ended. `inOrder`: flush the data and note that it is whole. */
  close(inOrder: boolean): void {
    if (inOrder) this.store.sync();
    this.store.close();
    if (inOrder) markClean(this.directory);
    this.region.remove();
    this.guard.release();
  }
}

/** The machine went down under a running server: the file may be torn, and reading it could crash every process. */
function setAside(directory: string, log: (level: LogLevel, text: string) => void): void {
  const file = dataFileOf(directory);
  const kept = `${file}.torn-${Date.now()}`;
  try {
    renameSync(file, kept);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return;
  }
  discardStore(directory);
  log(
    "warning",
    `The machine went down while the server ran: the data file may be damaged. It was kept as ${kept}, the keyspace starts empty`,
  );
}
