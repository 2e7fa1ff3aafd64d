/**
 * The sections of INFO, in Redis' order and form; KeyDB's and our own fields follow at the end of a section. Values are
 * sums over all processes. What this server does not have yet shows the value of an idle Redis.
 */
import { createHash } from "node:crypto";
import { KEYDB_TS_VERSION, REDIS_VERSION } from "../base/version.ts";
import { countTrash } from "../keyspace/reclaim.ts";
import { COUNTER, type CounterName, SHARED_WORD, SHARED_WORD64 } from "../ports/counters.ts";
import type { Host } from "../ports/host.ts";
import { type SharedState, sumCounter } from "../ports/shared-state.ts";
import { type Fields, fieldLines, type InfoParts, TRASH_COUNT_MAX, total } from "./info-fields.ts";
import { memoryLines } from "./info-memory.ts";
import { commandStatLines, errorStatLines, latencyStatLines } from "./info-statistics.ts";

interface Section {
  readonly title: string;
  readonly lines: (parts: InfoParts) => string;
}

/** The highest of the processes' values. */
function highest({ shared }: InfoParts, name: CounterName): number {
  return shared.usedSlots().reduce((max, slot) => Math.max(max, shared.counters(slot)[COUNTER[name]] as number), 0);
}

function serverLines(parts: InfoParts): string {
  const { config, host } = parts;
  const now = Date.now();
  const uptime = Math.floor((now - host.startTimeMs) / 1000);
  const hz = config.number("hz");
  return (
    fieldLines([
      ["redis_version", REDIS_VERSION],
      ["redis_git_sha1", "00000000"],
      ["redis_git_dirty", 0],
      ["redis_build_id", buildId()],
      ["redis_mode", "standalone"],
      ["os", host.operatingSystem],
      ["arch_bits", 64],
      ["monotonic_clock", "POSIX clock_gettime"],
      ["multiplexing_api", "epoll"],
      ["atomicvar_api", "ecmascript-atomics"],
      ["gcc_version", "0.0.0"],
      ["process_id", host.serverPid],
      ["process_supervised", host.supervisedBy],
      ["run_id", host.runId],
      ["tcp_port", host.tcpPort],
      ["server_time_usec", now * 1000],
      ["uptime_in_seconds", uptime],
      ["uptime_in_days", Math.floor(uptime / 86400)],
      ["hz", hz],
      ["configured_hz", hz],
      ["lru_clock", Math.floor(now / 1000) & 0xffffff],
      ["executable", host.executable],
      ["config_file", host.configFile],
      ["io_threads_active", 0],
    ]) +
    listenerLines(parts) +
    fieldLines([
      ["availability_zone", config.string("availability-zone")],
      ["features", "cluster_mget"],
      ["keydb_ts_version", KEYDB_TS_VERSION],
      ["node_version", process.versions.node],
    ])
  );
}

function buildId(): string {
  const versions = `keydb-ts ${KEYDB_TS_VERSION} node ${process.versions.node}`;
  return createHash("sha1").update(versions).digest("hex").slice(0, 16);
}

function listenerLines({ config }: InfoParts): string {
  const lines: string[] = [];
  const port = config.number("port");
  if (port !== 0) {
    const binds = config.list("bind").map((address) => `,bind=${address}`);
    lines.push(`listener0:name=tcp${binds.join("")},port=${port}\r\n`);
  }
  const path = config.string("unixsocket");
  if (path !== "") lines.push(`listener${lines.length}:name=unix,bind=${path}\r\n`);
  return lines.join("");
}

function clientsLines(parts: InfoParts): string {
  const { shared } = parts;
  const live = shared.liveSlots();
  const blockingKeys = parts.blockingKeys();
  return fieldLines([
    ["connected_clients", total(parts, "connected_clients")],
    ["cluster_connections", 0],
    ["maxclients", parts.config.number("maxclients")],
    ["client_recent_max_input_buffer", highest(parts, "client_recent_max_input_buffer")],
    ["client_recent_max_output_buffer", highest(parts, "client_recent_max_output_buffer")],
    ["blocked_clients", total(parts, "blocked_clients")],
    ["tracking_clients", total(parts, "tracking_clients")],
    ["clients_in_timeout_table", total(parts, "clients_in_timeout_table")],
    ["total_blocking_keys", blockingKeys.keys],
    ["total_blocking_keys_on_nokey", blockingKeys.onNoKey],
    ["current_client_thread", live.indexOf(shared.slot)],
    ...live.map(
      (slot, i) => [`thread_${i}_clients`, shared.counters(slot)[COUNTER.connected_clients] as number] as const,
    ),
  ]);
}

function persistenceLines(parts: InfoParts): string {
  const { shared } = parts;
  const saved = Number(Atomics.load(shared.words64, SHARED_WORD64.last_save_ms)) || parts.host.startTimeMs;
  return fieldLines([
    ["loading", 0],
    ["async_loading", 0],
    ["current_cow_peak", 0],
    ["current_cow_size", 0],
    ["current_cow_size_age", 0],
    ["current_fork_perc", "0.00"],
    ["current_save_keys_processed", 0],
    ["current_save_keys_total", 0],
    ["rdb_changes_since_last_save", total(parts, "dirty")],
    ["rdb_bgsave_in_progress", 0],
    ["rdb_last_save_time", Math.floor(saved / 1000)],
    ["rdb_last_bgsave_status", "ok"],
    ["rdb_last_bgsave_time_sec", -1],
    ["rdb_current_bgsave_time_sec", -1],
    ["rdb_saves", 0],
    ["rdb_last_cow_size", 0],
    ["rdb_last_load_keys_expired", 0],
    ["rdb_last_load_keys_loaded", 0],
    ["aof_enabled", 0],
    ["aof_rewrite_in_progress", 0],
    ["aof_rewrite_scheduled", 0],
    ["aof_last_rewrite_time_sec", -1],
    ["aof_current_rewrite_time_sec", -1],
    ["aof_last_bgrewrite_status", "ok"],
    ["aof_rewrites", 0],
    ["aof_rewrites_consecutive_failures", 0],
    ["aof_last_write_status", "ok"],
    ["aof_last_cow_size", 0],
    ["module_fork_in_progress", 0],
    ["module_fork_last_cow_size", 0],
  ]);
}

function statsLines(parts: InfoParts): string {
  const sum = (name: CounterName): number => sumCounter(parts.shared, COUNTER[name]);
  const count = (name: CounterName): number => total(parts, name);
  const processes = Math.max(1, parts.shared.liveSlots().length);
  const { words64 } = parts.shared;
  const resetMs = Number(Atomics.load(words64, SHARED_WORD64.stat_reset_ms));
  const countedUsec = Math.max(1, Date.now() - Math.max(parts.host.startTimeMs, resetMs)) * 1000;
  const overSinceMs = Number(Atomics.load(words64, SHARED_WORD64.memory_over_since_ms));
  const overMs = overSinceMs === 0 ? 0 : Math.max(0, Date.now() - overSinceMs);
  const evictionMs = Number(Atomics.load(words64, SHARED_WORD64.memory_over_total_ms));
  let commandUsec = 0;
  for (const command of parts.registry.byId) commandUsec += parts.statistics.totals(command).usec;
  return fieldLines([
    ["total_connections_received", count("total_connections_received")],
    ["total_commands_processed", count("total_commands_processed")],
    ["instantaneous_ops_per_sec", count("instantaneous_ops")],
    ["total_net_input_bytes", count("total_net_input_bytes")],
    ["total_net_output_bytes", count("total_net_output_bytes")],
    ["total_net_repl_input_bytes", 0],
    ["total_net_repl_output_bytes", 0],
    ["instantaneous_input_kbps", sum("instantaneous_input_kbps").toFixed(2)],
    ["instantaneous_output_kbps", sum("instantaneous_output_kbps").toFixed(2)],
    ["instantaneous_input_repl_kbps", "0.00"],
    ["instantaneous_output_repl_kbps", "0.00"],
    ["rejected_connections", count("rejected_connections")],
    ["sync_full", 0],
    ["sync_partial_ok", 0],
    ["sync_partial_err", 0],
    ["expired_keys", count("expired_keys")],
    ["expired_subkeys", count("expired_subkeys")],
    // The expire cycle knows exactly which keys are due: it samples none and leaves none behind.
    ["expired_stale_perc", "0.00"],
    ["expired_time_cap_reached_count", count("expired_time_cap_reached_count")],
    ["expire_cycle_cpu_milliseconds", Math.floor(sum("expire_cycle_usec") / 1000)],
    ["cron_job_runs", count("cron_job_runs")],
    ["cron_job_errors", count("cron_job_errors")],
    ["cron_job_milliseconds", Math.floor(sum("cron_job_usec") / 1000)],
    ["evicted_keys", count("evicted_keys")],
    ["evicted_clients", count("evicted_clients")],
    ["total_eviction_exceeded_time", evictionMs + overMs],
    ["current_eviction_exceeded_time", overMs],
    ["keyspace_hits", count("keyspace_hits")],
    ["keyspace_misses", count("keyspace_misses")],
    ["pubsub_channels", parts.subscribedNames("channel")],
    ["pubsub_patterns", parts.subscribedNames("pattern")],
    ["pubsubshard_channels", parts.subscribedNames("shard")],
    ["latest_fork_usec", 0],
    ["total_forks", 0],
    ["migrate_cached_sockets", 0],
    ["slave_expires_tracked_keys", 0],
    ["active_defrag_hits", 0],
    ["active_defrag_misses", 0],
    ["active_defrag_key_hits", 0],
    ["active_defrag_key_misses", 0],
    ["total_active_defrag_time", 0],
    ["current_active_defrag_time", 0],
    ["tracking_total_keys", count("tracking_keys")],
    ["tracking_total_items", count("tracking_items")],
    ["tracking_total_prefixes", count("tracking_prefixes")],
    ["unexpected_error_replies", count("unexpected_error_replies")],
    ["total_error_replies", count("total_error_replies")],
    ["dump_payload_sanitizations", 0],
    ["total_reads_processed", count("total_reads_processed")],
    ["total_writes_processed", count("total_writes_processed")],
    ["io_threaded_reads_processed", 0],
    ["io_threaded_writes_processed", 0],
    ["reply_buffer_shrinks", 0],
    ["reply_buffer_expands", 0],
    ["eventloop_cycles", count("loop_cycles")],
    ["eventloop_duration_sum", count("loop_usec")],
    ["eventloop_duration_cmd_sum", commandUsec],
    // Of one loop: the mean over the processes.
    ["instantaneous_eventloop_cycles_per_sec", Math.round(sum("instantaneous_loop_cycles") / processes)],
    ["instantaneous_eventloop_duration_usec", Math.round(sum("instantaneous_loop_usec") / processes)],
    ["acl_access_denied_auth", count("acl_access_denied_auth")],
    ["acl_access_denied_cmd", count("acl_access_denied_cmd")],
    ["acl_access_denied_key", count("acl_access_denied_key")],
    ["acl_access_denied_channel", count("acl_access_denied_channel")],
    // How many processes wait for the write lock: over the last second and a half, and on average since start or RESETSTAT.
    ["instantaneous_lock_contention", Math.round(sum("instantaneous_lock_waiting"))],
    ["avg_lock_contention", (sum("lock_wait_usec") / countedUsec).toFixed(6)],
    ["storage_provider_read_hits", 0],
    ["storage_provider_read_misses", 0],
  ]);
}

function replicationLines({ shared, host, config }: InfoParts): string {
  return fieldLines([
    ["role", "master"],
    ["connected_slaves", 0],
    ["master_failover_state", "no-failover"],
    ["master_replid", replicationId(shared, host)],
    ["master_replid2", "0".repeat(40)],
    ["master_repl_offset", 0],
    ["second_repl_offset", -1],
    ["repl_backlog_active", 0],
    ["repl_backlog_size", config.number("repl-backlog-size")],
    ["repl_backlog_first_byte_offset", 0],
    ["repl_backlog_histlen", 0],
  ]);
}

/** One per server start, and a new one after each DEBUG CHANGE-REPL-ID; the same in every process. */
function replicationId(shared: SharedState, host: Host): string {
  const changes = Atomics.load(shared.words, SHARED_WORD.replication_id_changes);
  return createHash("sha1").update(`${host.runId} ${changes}`).digest("hex");
}

function cpuLines(parts: InfoParts): string {
  const seconds = (name: CounterName): string => (sumCounter(parts.shared, COUNTER[name]) / 1e6).toFixed(6);
  return fieldLines([
    ["used_cpu_sys", seconds("cpu_sys_usec")],
    ["used_cpu_user", seconds("cpu_user_usec")],
    ["used_cpu_sys_children", "0.000000"],
    ["used_cpu_user_children", "0.000000"],
    ["used_cpu_sys_main_thread", seconds("cpu_sys_main_usec")],
    ["used_cpu_user_main_thread", seconds("cpu_user_main_usec")],
    ["server_threads", parts.shared.liveSlots().length],
    ["long_lock_waits", total(parts, "long_lock_waits")],
  ]);
}

function keyspaceLines({ keyspace }: InfoParts): string {
  const lines: string[] = [];
  const now = Date.now();
  for (let db = 0; db < keyspace.databases.count; db++) {
    const { keys, expires, expirySum } = keyspace.databases.countsOf(keyspace.epochOf(db));
    keyspace.forgetRow();
    if (keys === 0 && expires === 0) continue;
    const averageTtl = expires === 0 ? 0 : Math.max(0, Math.floor(expirySum / expires - now));
    lines.push(`db${db}:keys=${keys},expires=${expires},avg_ttl=${averageTtl}\r\n`);
  }
  return lines.join("");
}

/** The process that holds the write lock just now, for what, and since when. */
function lockHolderFields({ keyspace, registry }: InfoParts): Fields {
  const holder = keyspace.store.lockHolder();
  const command = holder === null ? "none" : (registry.byId[holder.purpose - 1]?.fullName ?? "background");
  return [
    ["lock_holder_pid", holder?.pid ?? 0],
    ["lock_holder_command", command],
    ["lock_held_ms", holder === null ? 0 : Math.max(0, Date.now() - Math.floor(holder.sinceMs))],
  ];
}

function keydbLines(parts: InfoParts): string {
  return fieldLines([
    // Readers never copy a table: there is always one version of it and no layer on top.
    ["mvcc_depth", 0],
    ["lock_waits", total(parts, "lock_waits")],
    ["lock_wait_usec", total(parts, "lock_wait_usec")],
    ["lock_held_usec_max", Math.ceil(highest(parts, "lock_held_usec_max"))],
    ...lockHolderFields(parts),
    ["write_txns", total(parts, "write_txns")],
    ["moved_clients", total(parts, "moved_clients")],
    ["trash_rows", countTrash(parts.keyspace, TRASH_COUNT_MAX)],
  ]);
}

function debugLines(parts: InfoParts): string {
  return fieldLines([
    ["eventloop_duration_aof_sum", 0],
    ["eventloop_duration_cron_sum", total(parts, "cron_usec")],
    ["eventloop_duration_max", Math.ceil(highest(parts, "turn_usec_max"))],
    ["eventloop_cmd_per_cycle_max", highest(parts, "turn_commands_max")],
  ]);
}

const SECTIONS = {
  server: { title: "Server", lines: serverLines },
  clients: { title: "Clients", lines: clientsLines },
  memory: { title: "Memory", lines: memoryLines },
  persistence: { title: "Persistence", lines: persistenceLines },
  stats: { title: "Stats", lines: statsLines },
  replication: { title: "Replication", lines: replicationLines },
  cpu: { title: "CPU", lines: cpuLines },
  modules: { title: "Modules", lines: () => "" },
  commandstats: { title: "Commandstats", lines: commandStatLines },
  errorstats: { title: "Errorstats", lines: errorStatLines },
  latencystats: { title: "Latencystats", lines: latencyStatLines },
  cluster: { title: "Cluster", lines: () => "cluster_enabled:0\r\n" },
  keyspace: { title: "Keyspace", lines: keyspaceLines },
  keydb: { title: "KeyDB", lines: keydbLines },
  debug: { title: "Debug", lines: debugLines },
} as const satisfies Record<string, Section>;

export type SectionName = keyof typeof SECTIONS;
export const infoSections = Object.entries(SECTIONS) as ReadonlyArray<readonly [SectionName, Section]>;
