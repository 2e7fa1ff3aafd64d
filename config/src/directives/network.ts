/** Where the server listens, how many processes serve, and what a connection may do. */
import type { OutputBufferLimits } from "@keydb-ts/core";
import { bool, type DirectiveGroup, directive, integer, memory, oneOf, text } from "../directive.ts";
import { LONG_MAX, UINT_MAX } from "../numbers.ts";
import { memoryOrPercentType, octalType } from "../plain-types.ts";
import { affinityType, bindType, outputBufferLimitsType } from "../special-types.ts";

const KB = 1024;
const MB = 1024 * KB;
const GB = 1024 * MB;
const PORT = { max: 65535 };

const OUTPUT_BUFFER_LIMITS: OutputBufferLimits = {
  normal: { hardBytes: 0, softBytes: 0, softSeconds: 0 },
  replica: { hardBytes: 256 * MB, softBytes: 64 * MB, softSeconds: 60 },
  pubsub: { hardBytes: 32 * MB, softBytes: 8 * MB, softSeconds: 60 },
};

export const processGroup: DirectiveGroup = {
  title: "Processes",
  directives: [
    integer(
      "server-threads",
      2,
      { min: 1, max: 64 },
      "Number of server processes. All of them listen on the same port and share one keyspace.",
      { aliases: ["io-threads"], immutable: true, hidden: true, origin: "keydb" },
    ),
    directive(
      "server-thread-affinity",
      affinityType,
      "no",
      "yes, no or the number of the first core, from 1",
      "Binds each server process to one core: from the first core on, or from the core given.",
      { immutable: true, hidden: true, origin: "keydb" },
    ),
    bool(
      "io-threads-do-reads",
      false,
      "KeyDB and Redis read in threads with it; every process reads for itself here.",
      {
        immutable: true,
        noEffect: "every process always reads for its own connections",
      },
    ),
    bool("daemonize", false, "Runs in the background, detached from the terminal.", { immutable: true }),
    oneOf(
      "supervised",
      ["upstart", "systemd", "auto", "no"],
      "no",
      "Which service manager to tell about readiness; auto looks at the environment.",
      { immutable: true },
    ),
    text("pidfile", "", "File that holds the process id while the server runs; empty for none unless daemonized.", {
      immutable: true,
    }),
    bool("always-show-logo", false, "Redis prints its logo at start even to a log file with it.", {
      immutable: true,
      noEffect: "there is no logo",
    }),
    bool("set-proc-title", true, "Shows the server's state in the process list.", { immutable: true }),
    bool("enable-motd", false, "KeyDB fetches a message of the day over the network with it.", {
      immutable: true,
      hidden: true,
      origin: "keydb",
      noEffect: "nothing is ever fetched at start",
    }),
    bool("time-thread-priority", false, "KeyDB gives its clock thread real-time priority with it.", {
      immutable: true,
      hidden: true,
      origin: "keydb",
      noEffect: "there is no clock thread",
    }),
    text("server_cpulist", "", "Cores of Redis' main thread.", {
      immutable: true,
      noEffect: "use server-thread-affinity",
    }),
    text("bio_cpulist", "", "Cores of Redis' background threads.", {
      immutable: true,
      noEffect: "there are no background threads of that kind",
    }),
    text("aof_rewrite_cpulist", "", "Cores of the process that rewrites the append-only file.", {
      immutable: true,
      comes: "append-only files",
    }),
    text("bgsave_cpulist", "", "Cores of the process that writes a snapshot.", {
      immutable: true,
      comes: "RDB snapshots",
    }),
    bool("disable-thp", true, "Redis turns transparent huge pages off for itself with it.", {
      immutable: true,
      noEffect: "the keyspace is a mapped file, where huge pages do no harm",
    }),
    text("ignore-warnings", "", "Names of start-up checks of Redis whose failure should not stop the server.", {
      noEffect: "no such check is made",
    }),
    bool("soft-shutdown", false, "KeyDB waits for clients to leave before it shuts down.", {
      origin: "keydb",
      comes: "soft shutdown",
    }),
  ],
};

export const networkGroup: DirectiveGroup = {
  title: "Network",
  directives: [
    directive(
      "bind",
      bindType,
      ["*", "-::*"],
      "up to 16 addresses",
      "Addresses to listen on; * and ::* mean all of them. A leading - allows an address to be missing.",
    ),
    integer("port", 6379, PORT, "TCP port; 0 for no TCP."),
    text("unixsocket", "", "Path of a unix socket to listen on as well; empty for none.", { immutable: true }),
    directive(
      "unixsocketperm",
      octalType({ min: 0n, max: 0o777n, unsigned: true }),
      0n,
      "mode in octal, 0 to 777",
      "Permissions of the unix socket; 0 leaves them as the umask makes them.",
      { immutable: true },
    ),
    bool("protected-mode", true, "Serves only clients on this machine while there is no password and bind is not set."),
    integer("tcp-backlog", 511, {}, "Connections that may wait to be accepted, per process.", { immutable: true }),
    integer("tcp-keepalive", 300, {}, "Seconds after which a silent connection is probed; 0 for never."),
    integer("timeout", 0, {}, "Seconds after which an idle client is disconnected; 0 for never."),
    integer(
      "maxclients",
      10000,
      { min: 1, max: UINT_MAX, unsigned: true },
      "Clients served at once, over all processes.",
    ),
    text("bind-source-addr", "", "Address from which connections to other servers are made.", { comes: "replication" }),
    integer("socket-mark-id", 0, { max: UINT_MAX, unsigned: true }, "Mark that Redis sets on its sockets.", {
      immutable: true,
      noEffect: "the runtime cannot set socket marks",
    }),
    integer("client-default-resp", 2, { min: 2, max: 3, unsigned: true }, "RESP version of a new connection.", {
      immutable: true,
      hidden: true,
      noEffect: "a connection begins with RESP2; HELLO 3 changes it",
    }),
  ],
};

export const clientGroup: DirectiveGroup = {
  title: "Clients",
  directives: [
    directive(
      "client-output-buffer-limit",
      outputBufferLimitsType,
      OUTPUT_BUFFER_LIMITS,
      "class (normal, replica, pubsub), hard limit, soft limit, seconds",
      "A client whose unsent replies exceed the hard limit, or the soft limit for so many seconds, is cut off.",
    ),
    memory(
      "client-query-buffer-limit",
      GB,
      { min: MB, max: LONG_MAX, unsigned: true },
      "A client whose unprocessed input exceeds this is cut off.",
    ),
    memory("proto-max-bulk-len", 512 * MB, { min: MB, max: LONG_MAX }, "Longest single argument of a command."),
    directive(
      "maxmemory-clients",
      memoryOrPercentType({ min: -100n, max: LONG_MAX }),
      0n,
      "bytes, or with a unit, or a percentage of maxmemory",
      "Memory that all clients' buffers together may use before the biggest are cut off; 0 for no limit.",
    ),
    integer(
      "tracking-table-max-keys",
      1000000,
      { max: LONG_MAX, unsigned: true },
      "Keys remembered for client-side caching before old ones are dropped; 0 for no limit.",
    ),
    bool("active-client-balancing", true, "Moves clients to other processes where the kernel spread them unevenly.", {
      origin: "keydb",
    }),
    integer("min-clients-per-thread", 20, { max: 400 }, "Clients that a process keeps, however few others have.", {
      origin: "keydb",
    }),
    integer("replica-weighting-factor", 2, { min: 1 }, "How many clients a replica counts for when they are spread.", {
      origin: "keydb",
      comes: "replication",
    }),
    integer("maxclients-reserved", 0, { max: 100 }, "Connections beyond maxclients that only this machine may use.", {
      origin: "keydb",
    }),
    integer(
      "overload-protect-percent",
      0,
      { max: 200 },
      "CPU use per process above which clients are cut off; 0 = off.",
      {
        origin: "keydb",
        comes: "overload protection",
      },
    ),
  ],
};
