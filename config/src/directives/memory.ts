/** Memory limits, eviction, freeing, encodings of the data types. */
import { bool, type DirectiveGroup, type DirectiveOptions, directive, integer, memory, oneOf } from "../directive.ts";
import { INT_MIN, LONG_MAX, ULONG_MAX } from "../numbers.ts";
import { boolType, enumType } from "../plain-types.ts";
import { oomScoreAdjValuesType } from "../special-types.ts";

const LAZY: DirectiveOptions = { noEffect: "large values are always freed in the background" };
const NO_DEFRAG: DirectiveOptions = { noEffect: "there is no allocator to defragment" };
const COUNT = { max: LONG_MAX, unsigned: true };

/** Redis' own answer where it was built without its modified allocator. */
const DEFRAG_REFUSED =
  "Active defragmentation cannot be enabled: it requires a Redis server compiled with a modified Jemalloc like the " +
  "one shipped by default with the Redis source distribution";

export const memoryGroup: DirectiveGroup = {
  title: "Memory",
  directives: [
    memory("maxmemory", 0, { max: ULONG_MAX, unsigned: true }, "Memory for data; 0 for no limit."),
    oneOf(
      "maxmemory-policy",
      [
        "volatile-lru",
        "volatile-lfu",
        "volatile-random",
        "volatile-ttl",
        "allkeys-lru",
        "allkeys-lfu",
        "allkeys-random",
        "noeviction",
      ],
      "noeviction",
      "Which keys go when the limit is reached; noeviction refuses writes instead.",
    ),
    integer("maxmemory-samples", 5, { min: 1 }, "Keys looked at to find one worth evicting."),
    integer("maxmemory-eviction-tenacity", 10, { max: 100 }, "How long eviction may hold up clients."),
    integer("lfu-log-factor", 10, {}, "How slowly the access counter of a key grows (OBJECT FREQ)."),
    integer("lfu-decay-time", 1, {}, "Minutes after which an access counter shrinks by one."),
    integer("force-eviction-percent", 0, { max: 100 }, "Free memory of the machine, in percent, below which keys go.", {
      origin: "keydb",
      comes: "eviction",
    }),
    bool("lazyfree-lazy-eviction", false, "Frees evicted values in the background.", LAZY),
    bool("lazyfree-lazy-expire", false, "Frees expired values in the background.", LAZY),
    bool("lazyfree-lazy-server-del", false, "Frees overwritten values in the background.", LAZY),
    bool("lazyfree-lazy-user-del", false, "Makes DEL free in the background.", LAZY),
    bool("lazyfree-lazy-user-flush", false, "Makes FLUSHDB and FLUSHALL free in the background.", LAZY),
    bool("jemalloc-bg-thread", true, "Lets Redis' allocator clean up in a thread.", {
      noEffect: "the runtime manages its memory itself",
    }),
    directive(
      "activedefrag",
      boolType((value) => (value ? DEFRAG_REFUSED : null)),
      false,
      "no",
      "Defragmentation of memory; cannot be turned on.",
    ),
    memory(
      "active-defrag-ignore-bytes",
      104857600,
      { min: 1, max: LONG_MAX, unsigned: true },
      "Of activedefrag.",
      NO_DEFRAG,
    ),
    integer("active-defrag-threshold-lower", 10, { max: 1000 }, "Of activedefrag.", NO_DEFRAG),
    integer("active-defrag-threshold-upper", 100, { max: 1000 }, "Of activedefrag.", NO_DEFRAG),
    integer("active-defrag-cycle-min", 1, { min: 1, max: 99 }, "Of activedefrag.", NO_DEFRAG),
    integer("active-defrag-cycle-max", 25, { min: 1, max: 99 }, "Of activedefrag.", NO_DEFRAG),
    integer("active-defrag-max-scan-fields", 1000, { min: 1, max: LONG_MAX }, "Of activedefrag.", NO_DEFRAG),
    directive(
      "oom-score-adj",
      enumType(["no", "yes", "relative", "absolute"], { relative: "yes" }),
      "no",
      "no, yes, relative, absolute",
      "Tells the kernel which of the processes to end first when memory runs out.",
    ),
    directive(
      "oom-score-adj-values",
      oomScoreAdjValuesType,
      [0, 200, 800],
      "three numbers, -2000 to 2000",
      "Scores of a master, a replica and a background child; the first is used.",
    ),
  ],
};

export const typesGroup: DirectiveGroup = {
  title: "Data types: up to which size a value is kept in its compact form",
  directives: [
    integer("hash-max-listpack-entries", 512, COUNT, "Most fields of a compact hash.", {
      aliases: ["hash-max-ziplist-entries"],
    }),
    memory("hash-max-listpack-value", 64, COUNT, "Longest field or value in a compact hash.", {
      aliases: ["hash-max-ziplist-value"],
    }),
    integer(
      "list-max-listpack-size",
      -2,
      { min: INT_MIN },
      "Size of a list's chunk: elements if positive, -1 to -5 for 4, 8, 16, 32, 64 kb.",
      { aliases: ["list-max-ziplist-size"] },
    ),
    integer("list-compress-depth", 0, {}, "Chunks at either end of a list that stay uncompressed; 0 compresses none.", {
      noEffect: "lists are not compressed",
    }),
    integer("set-max-intset-entries", 512, COUNT, "Most members of a compact set of integers."),
    integer("set-max-listpack-entries", 128, COUNT, "Most members of a compact set."),
    integer("set-max-listpack-value", 64, COUNT, "Longest member of a compact set."),
    integer("zset-max-listpack-entries", 128, COUNT, "Most members of a compact sorted set.", {
      aliases: ["zset-max-ziplist-entries"],
    }),
    memory("zset-max-listpack-value", 64, COUNT, "Longest member of a compact sorted set.", {
      aliases: ["zset-max-ziplist-value"],
    }),
    memory("hll-sparse-max-bytes", 3000, COUNT, "Size up to which a HyperLogLog stays in its sparse form."),
    memory("stream-node-max-bytes", 4096, COUNT, "Size of a stream's chunk; 0 for no limit."),
    integer("stream-node-max-entries", 100, { max: LONG_MAX }, "Entries of a stream's chunk; 0 for no limit."),
  ],
};
