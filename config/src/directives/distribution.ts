/** Replication, KeyDB's active replication, cluster, TLS. */
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
import { INT_MAX, LONG_MAX, ULONG_MAX } from "../numbers.ts";
import { memoryType, textType } from "../plain-types.ts";
import { replicaOfType, wordsType } from "../special-types.ts";
import { hostNameFault, nodeNameFault } from "../text-rules.ts";

const REPLICATION: DirectiveOptions = { comes: "replication" };
const ACTIVE: DirectiveOptions = { comes: "active replication", origin: "keydb" };
const CLUSTER: DirectiveOptions = { comes: "cluster mode" };
const TLS: DirectiveOptions = { comes: "TLS" };
const MIN_BACKLOG = 16384n;
const PORT = { max: 65535 };

export const replicationGroup: DirectiveGroup = {
  title: "Replication",
  directives: [
    directive("replicaof", replicaOfType, "", "host and port", "The master to copy; empty for none.", {
      aliases: ["slaveof"],
      immutable: true,
      ...REPLICATION,
    }),
    text("masterauth", "", "Password for the master.", { sensitive: true, ...REPLICATION }),
    text("masteruser", "", "User at the master.", { sensitive: true, ...REPLICATION }),
    bool("replica-serve-stale-data", true, "A replica answers while it has no link to its master.", {
      aliases: ["slave-serve-stale-data"],
      ...REPLICATION,
    }),
    bool("replica-read-only", true, "A replica refuses writes.", { aliases: ["slave-read-only"], ...REPLICATION }),
    bool("replica-ignore-maxmemory", true, "A replica leaves eviction to its master.", {
      aliases: ["slave-ignore-maxmemory"],
      ...REPLICATION,
    }),
    bool("replica-lazy-flush", false, "A replica empties itself in the background before a full copy.", {
      aliases: ["slave-lazy-flush"],
      ...REPLICATION,
    }),
    bool("replica-announced", true, "The replica is listed by sentinels.", REPLICATION),
    text("replica-announce-ip", "", "Address that a replica tells its master.", {
      aliases: ["slave-announce-ip"],
      ...REPLICATION,
    }),
    integer("replica-announce-port", 0, PORT, "Port that a replica tells its master; 0 for its own.", {
      aliases: ["slave-announce-port"],
      ...REPLICATION,
    }),
    integer("replica-priority", 100, {}, "Order in which replicas are promoted; 0 for never.", {
      aliases: ["slave-priority"],
      ...REPLICATION,
    }),
    bool("replica-ignore-disk-write-errors", false, "A replica goes on when it cannot write to disk.", REPLICATION),
    integer("min-replicas-to-write", 0, {}, "Replicas that must be there for writes to be taken.", {
      aliases: ["min-slaves-to-write"],
      ...REPLICATION,
    }),
    integer("min-replicas-max-lag", 10, {}, "Seconds that such a replica may lag.", {
      aliases: ["min-slaves-max-lag"],
      ...REPLICATION,
    }),
    bool("repl-diskless-sync", true, "Sends a full copy without a file on the master's disk.", REPLICATION),
    integer("repl-diskless-sync-delay", 5, {}, "Seconds to wait for more replicas before a full copy.", REPLICATION),
    integer("repl-diskless-sync-max-replicas", 0, {}, "Replicas that end that wait; 0 for none.", REPLICATION),
    oneOf(
      "repl-diskless-load",
      ["disabled", "on-empty-db", "swapdb"],
      "disabled",
      "Loads a full copy without a file.",
      {
        denyLoading: true,
        ...REPLICATION,
      },
    ),
    bool("repl-disable-tcp-nodelay", false, "Sends to replicas in larger packets, later.", REPLICATION),
    integer("repl-ping-replica-period", 10, { min: 1 }, "Seconds between pings to replicas.", {
      aliases: ["repl-ping-slave-period"],
      ...REPLICATION,
    }),
    integer("repl-timeout", 60, { min: 1 }, "Seconds after which a silent link counts as broken.", REPLICATION),
    directive(
      "repl-backlog-size",
      memoryType({ min: 1n, max: LONG_MAX }, (value) => (value < MIN_BACKLOG ? MIN_BACKLOG : value)),
      1048576n,
      "bytes, or with k kb m mb g gb; at least 16kb",
      "Recent writes kept for replicas that come back.",
      REPLICATION,
    ),
    integer(
      "repl-backlog-ttl",
      3600,
      { max: LONG_MAX },
      "Seconds without replica after which they are dropped.",
      REPLICATION,
    ),
    oneOf(
      "propagation-error-behavior",
      ["ignore", "panic", "panic-on-replicas"],
      "ignore",
      "What happens when a replicated command fails.",
      REPLICATION,
    ),
    bool("active-replica", false, "A replica that takes writes and passes them on.", {
      ...ACTIVE,
      immutable: true,
      hidden: true,
    }),
    bool("multi-master", false, "A replica of several masters.", { ...ACTIVE, immutable: true, hidden: true }),
    bool("multi-master-no-forward", false, "Does not pass on what came from a master.", ACTIVE),
    integer(
      "replica-quorum",
      -1,
      { min: -1 },
      "Masters that must be linked for stale data to be served; -1 for all.",
      ACTIVE,
    ),
    bool("allow-write-during-load", false, "Takes writes while a full copy is merged.", ACTIVE),
    bool("enable-keydb-fastsync", false, "Sends a full copy without the snapshot format.", {
      origin: "keydb",
      ...REPLICATION,
    }),
    memory("repl-backlog-disk-reserve", 0, { max: LONG_MAX }, "Disk space into which the backlog may grow.", {
      immutable: true,
      hidden: true,
      origin: "keydb",
      ...REPLICATION,
    }),
    bool("force-backlog-disk-reserve", false, "Always keeps the backlog on disk.", { origin: "keydb", ...REPLICATION }),
  ],
};

export const clusterGroup: DirectiveGroup = {
  title: "Cluster",
  directives: [
    bool("cluster-enabled", false, "Runs as a node of a cluster.", { immutable: true, ...CLUSTER }),
    text("cluster-config-file", "nodes.conf", "File in which a node keeps what it knows.", {
      immutable: true,
      ...CLUSTER,
    }),
    integer("cluster-port", 0, PORT, "Port for the other nodes; 0 for port + 10000.", { immutable: true, ...CLUSTER }),
    integer(
      "cluster-node-timeout",
      15000,
      { max: LONG_MAX },
      "Milliseconds after which a silent node has failed.",
      CLUSTER,
    ),
    integer("cluster-ping-interval", 0, { max: LONG_MAX }, "Milliseconds between pings.", { hidden: true, ...CLUSTER }),
    bool("cluster-require-full-coverage", true, "Stops serving while a part of the slots has no node.", CLUSTER),
    bool("cluster-allow-reads-when-down", false, "Serves reads although the cluster is down.", CLUSTER),
    bool("cluster-allow-pubsubshard-when-down", true, "Serves sharded channels although the cluster is down.", CLUSTER),
    bool("cluster-allow-replica-migration", true, "Lets replicas move to masters that have none.", CLUSTER),
    integer("cluster-migration-barrier", 1, {}, "Replicas that a master keeps when others move.", CLUSTER),
    integer("cluster-replica-validity-factor", 10, {}, "How old a replica's data may be for it to take over.", {
      aliases: ["cluster-slave-validity-factor"],
      ...CLUSTER,
    }),
    bool("cluster-replica-no-failover", false, "The replica never takes over.", {
      aliases: ["cluster-slave-no-failover"],
      ...CLUSTER,
    }),
    memory(
      "cluster-link-sendbuf-limit",
      0,
      { max: ULONG_MAX, unsigned: true },
      "Unsent bytes to a node that cut it off.",
      CLUSTER,
    ),
    text("cluster-announce-ip", "", "Address that other nodes and clients are told.", CLUSTER),
    integer("cluster-announce-port", 0, PORT, "Port that they are told.", CLUSTER),
    integer("cluster-announce-tls-port", 0, PORT, "TLS port that they are told.", CLUSTER),
    integer("cluster-announce-bus-port", 0, PORT, "Port for nodes that they are told.", CLUSTER),
    directive(
      "cluster-announce-hostname",
      textType(hostNameFault),
      "",
      "host name",
      "Host name that they are told.",
      CLUSTER,
    ),
    directive(
      "cluster-announce-human-nodename",
      textType(nodeNameFault),
      "",
      "text",
      "Name of the node in logs.",
      CLUSTER,
    ),
    oneOf(
      "cluster-preferred-endpoint-type",
      ["ip", "hostname", "unknown-endpoint"],
      "ip",
      "What clients are told to connect to.",
      CLUSTER,
    ),
  ],
};

export const tlsGroup: DirectiveGroup = {
  title: "TLS",
  directives: [
    integer("tls-port", 0, PORT, "TCP port for TLS; 0 for none.", TLS),
    text("tls-cert-file", "", "Certificate.", TLS),
    text("tls-key-file", "", "Its key.", TLS),
    text("tls-key-file-pass", "", "Passphrase of the key.", { sensitive: true, ...TLS }),
    text("tls-client-cert-file", "", "Certificate for connections to other servers.", TLS),
    text("tls-client-key-file", "", "Its key.", TLS),
    text("tls-client-key-file-pass", "", "Passphrase of that key.", { sensitive: true, ...TLS }),
    text("tls-dh-params-file", "", "Diffie-Hellman parameters.", TLS),
    text("tls-ca-cert-file", "", "Certificates of the authorities that are trusted.", TLS),
    text("tls-ca-cert-dir", "", "Directory of such certificates.", TLS),
    oneOf("tls-auth-clients", ["no", "yes", "optional"], "yes", "Whether clients must show a certificate.", TLS),
    bool("tls-replication", false, "Uses TLS towards masters.", TLS),
    bool("tls-cluster", false, "Uses TLS between nodes.", TLS),
    text("tls-protocols", "", "Versions of the protocol that are allowed.", TLS),
    text("tls-ciphers", "", "Ciphers up to TLS 1.2.", TLS),
    text("tls-ciphersuites", "", "Ciphers of TLS 1.3.", TLS),
    bool("tls-prefer-server-ciphers", false, "Prefers the server's order of ciphers.", TLS),
    bool("tls-session-caching", true, "Lets clients resume sessions.", TLS),
    integer("tls-session-cache-size", 20480, {}, "Sessions that are kept; 0 for no limit.", TLS),
    integer("tls-session-cache-timeout", 300, {}, "Seconds for which they are kept.", TLS),
    directive(
      "tls-allowlist",
      wordsType(Number(INT_MAX), ""),
      [],
      "patterns",
      "Names a client's certificate may have.",
      {
        origin: "keydb",
        ...TLS,
      },
    ),
    directive(
      "tls-auditlog-blocklist",
      wordsType(Number(INT_MAX), ""),
      [],
      "patterns",
      "Names whose commands are not logged; any at all turns the log of commands on.",
      { immutable: true, hidden: true, origin: "keydb", ...TLS },
    ),
    bool("tls-rotation", false, "Loads certificates anew when their files change.", { origin: "keydb", ...TLS }),
  ],
};
