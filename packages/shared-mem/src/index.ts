export { type CleanMark, markClean, markDirty, readCleanMark } from "./clean-mark.ts";
export * from "./libc.ts";
export { LmdbStore } from "./lmdb-store.ts";
export { createClaimedRegion } from "./region-claim.ts";
export { attachSharedRegion, createSharedRegion, isAlive, NO_SLOT, SharedRegion } from "./shared-region.ts";
export {
  type DirectoryGuard,
  dataFileOf,
  discardStore,
  guardStoreDirectory,
  type OpenStoreOptions,
  openStore,
  prepareStoreDirectory,
  StoreDirectoryError,
  sharedRegionPath,
  storeFileBytes,
} from "./store-directory.ts";
export type { LmdbStoreOptions, StoreLock } from "./store-opening.ts";
export { clearDeadOwner, type LockOwner, readOwner, requestKill, WriteLock } from "./write-lock.ts";
