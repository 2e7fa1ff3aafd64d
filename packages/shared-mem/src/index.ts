export { LmdbStore, type LmdbStoreOptions, type StoreLock, type StoreStats } from "./lmdb-store.ts";
