/** Where data lives: directory, snapshots, append-only file, KeyDB's storage providers and S3. */
import {
  bool,
  type DirectiveGroup,
  type DirectiveOptions,
  directive,
  integer,
  memory,
  oneOf,
  text,
} from "../directive.ts";
import { INT_MIN, LONG_MAX } from "../numbers.ts";
import { textType } from "../plain-types.ts";
import { rawWordsType, saveType } from "../special-types.ts";
import { isBaseName } from "../text-rules.ts";

const RDB: DirectiveOptions = { comes: "RDB snapshots" };
const AOF: DirectiveOptions = { comes: "append-only files" };
const STORAGE: DirectiveOptions = { comes: "storage providers", origin: "keydb" };
const STORAGE_AT_START: DirectiveOptions = { ...STORAGE, immutable: true, hidden: true };

function aofName(directiveName: string, kind: string): (value: string) => string | null {
  return (value) => {
    if (value === "") return `${directiveName} can't be empty`;
    return isBaseName(value) ? null : `${directiveName} can't be a path, just a ${kind}`;
  };
}

export const dataGroup: DirectiveGroup = {
  title: "Data directory and snapshots",
  directives: [
    directive("dir", textType(), "", "directory", "Where the data, the snapshots and the append-only files are.", {
      protected: true,
      denyLoading: true,
    }),
    directive(
      "save",
      saveType,
      [
        { seconds: 3600, changes: 1 },
        { seconds: 300, changes: 100 },
        { seconds: 60, changes: 10000 },
      ],
      "pairs of seconds and changes; empty for none",
      "Writes a snapshot when that many seconds have passed and that many changes were made.",
      RDB,
    ),
    directive(
      "dbfilename",
      textType((value) => (isBaseName(value) ? null : "dbfilename can't be a path, just a filename")),
      "dump.rdb",
      "file name",
      "Name of the snapshot in dir.",
      { protected: true, ...RDB },
    ),
    bool("stop-writes-on-bgsave-error", true, "Refuses writes while snapshots fail.", RDB),
    bool("rdbcompression", true, "Compresses texts in dumped values."),
    bool("rdbchecksum", true, "Ends snapshots with a checksum.", { immutable: true, ...RDB }),
    bool("rdb-del-sync-files", false, "Removes snapshots that only served a replica.", RDB),
    bool("rdb-save-incremental-fsync", true, "Syncs a snapshot to disk in parts while it is written.", RDB),
    oneOf(
      "sanitize-dump-payload",
      ["no", "yes", "clients"],
      "no",
      "Whose values Redis checks thoroughly before it takes them. Here all are, whatever this says.",
    ),
    integer("rdb-key-save-delay", 0, { min: INT_MIN }, "Microseconds to wait per key saved.", { hidden: true, ...RDB }),
    integer("key-load-delay", 0, { min: INT_MIN }, "Microseconds to wait per key loaded.", { hidden: true, ...RDB }),
    integer(
      "loading-process-events-interval-bytes",
      2097152,
      { min: 1024 },
      "Bytes loaded before clients are served again.",
      { hidden: true, ...RDB },
    ),
    integer(
      "loading-process-events-interval-keys",
      8192,
      { max: LONG_MAX },
      "Keys loaded before clients are served again.",
      {
        hidden: true,
        origin: "keydb",
        ...RDB,
      },
    ),
    bool("multithread-load-enabled", false, "KeyDB inserts loaded keys in another thread.", {
      origin: "keydb",
      ...RDB,
    }),
    bool("allow-rdb-resize-op", true, "Heeds the size hints of a snapshot.", { origin: "keydb", ...RDB }),
    bool("use-fork", true, "KeyDB writes snapshots in a copy of its process, or in a thread.", {
      immutable: true,
      hidden: true,
      origin: "keydb",
      noEffect: "snapshots never need a copy of the process",
    }),
    text("db-s3-object", "", "Object such as s3://bucket/name to which snapshots are uploaded as well.", {
      origin: "keydb",
      comes: "upload to S3",
    }),
  ],
};

export const aofGroup: DirectiveGroup = {
  title: "Append-only file",
  directives: [
    bool("appendonly", false, "Logs every write, so that a power failure loses little.", { denyLoading: true, ...AOF }),
    directive(
      "appendfilename",
      textType(aofName("appendfilename", "filename")),
      "appendonly.aof",
      "file name",
      "Base of the log files' names.",
      { immutable: true, ...AOF },
    ),
    directive(
      "appenddirname",
      textType(aofName("appenddirname", "dirname")),
      "appendonlydir",
      "directory name",
      "Directory in dir for the log files.",
      { immutable: true, ...AOF },
    ),
    oneOf("appendfsync", ["everysec", "always", "no"], "everysec", "When the log is synced to disk.", AOF),
    bool("no-appendfsync-on-rewrite", false, "Does not sync while a rewrite or snapshot is being written.", AOF),
    integer("auto-aof-rewrite-percentage", 100, {}, "Growth in percent that triggers a rewrite; 0 for never.", AOF),
    memory("auto-aof-rewrite-min-size", 67108864, { max: LONG_MAX }, "Size below which no rewrite is made.", AOF),
    bool("aof-load-truncated", true, "Loads a log whose end is missing, with a warning.", AOF),
    bool("aof-use-rdb-preamble", true, "Begins a rewritten log with a snapshot.", AOF),
    bool("aof-rewrite-incremental-fsync", true, "Syncs a rewritten log in parts while it is written.", AOF),
    bool("aof-timestamp-enabled", false, "Writes times into the log, for recovery up to a point in time.", AOF),
    bool("aof-disable-auto-gc", false, "Keeps log files that are no longer needed.", { hidden: true, ...AOF }),
  ],
};

export const storageGroup: DirectiveGroup = {
  title: "KeyDB's storage providers",
  directives: [
    directive("storage-provider", rawWordsType, "", "flash and a path", "Keeps values on disk rather than in memory.", {
      ...STORAGE_AT_START,
    }),
    text("storage-provider-options", "", "Options for the storage engine.", STORAGE_AT_START),
    oneOf(
      "storage-cache-mode",
      ["writethrough", "writeback"],
      "writethrough",
      "When changes reach the disk.",
      STORAGE_AT_START,
    ),
    integer(
      "storage-flush-period",
      500,
      { min: 1, max: 10000 },
      "Milliseconds between flushes with writeback.",
      STORAGE,
    ),
    memory("maxstorage", 0, { max: LONG_MAX }, "Most bytes to keep on disk; 0 for no limit.", STORAGE),
    bool("delete-on-evict", false, "Deletes evicted keys rather than only dropping them from memory.", STORAGE),
    bool("flash-disable-key-cache", false, "Does not keep the set of keys in memory.", STORAGE),
    text("scratch-file-path", "", "Directory for memory pages of old KeyDB versions.", STORAGE_AT_START),
  ],
};
