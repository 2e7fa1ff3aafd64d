/** Index tables of the shared-memory counters (ports/shared-state.ts). Order may change freely: nothing is durable. */

/** Per-process doubles. Gauges describe the living process and are zeroed when its row is taken over. */
export const COUNTER_NAMES = [
  // gauges
  "connected_clients",
  "blocked_clients",
  "tracking_clients",
  "tracking_keys",
  "tracking_items",
  "tracking_prefixes",
  "watching_clients",
  "pubsub_clients",
  "monitor_clients",
  "subscription_news", // how often a process has told the others of changed subscriptions
  "clients_in_timeout_table",
  "client_recent_max_input_buffer",
  "client_recent_max_output_buffer",
  "mem_clients_normal",
  "largest_client_bytes", // of those that maxmemory-clients may cut off; kept while there is such a limit
  "rss_bytes",
  "heap_used_bytes",
  "external_bytes",
  "heap_total_bytes",
  "startup_bytes", // heap and external memory when the process had started
  "resident_own_bytes", // resident pages that no other process has
  "resident_shared_bytes", // resident pages of files and shared regions
  "watched_keys",
  "instantaneous_ops",
  "instantaneous_input_kbps",
  "instantaneous_output_kbps",
  "instantaneous_loop_cycles", // event loop turns per second
  "instantaneous_loop_usec", // microseconds of work per event loop turn
  "instantaneous_lock_waiting", // share of the last second spent waiting for the write lock, 0 to 1
  "lua_memory_bytes",
  "lua_function_memory_bytes",
  "script_started_ms", // when the running script started; 0: none is running
  "script_kind", // SCRIPT_KIND of the running script
  "script_slow", // 1: it has passed busy-reply-threshold
  "script_wrote", // 1: it has called a write command
  "script_run", // number of the present or last run
  "script_kill", // number of the run that is to end
  "takes_clients", // 1: clients of other processes may be moved here
  "occupied", // 1: a script holds the event loop for long
  "heartbeat_ms", // Date.now() of the last sign of life; long commands may renew it
  // monotonic
  "total_connections_received",
  "rejected_connections",
  "moved_clients", // clients that came from another process
  "total_commands_processed",
  "total_net_input_bytes",
  "total_net_output_bytes",
  "total_reads_processed",
  "total_writes_processed",
  "keyspace_hits",
  "keyspace_misses",
  "expired_keys",
  "expired_subkeys", // members of collections and hash fields
  "expired_stale_sample",
  "expired_time_cap_reached_count",
  "evicted_keys",
  "evicted_clients",
  "client_query_buffer_limit_disconnections",
  "client_output_buffer_limit_disconnections",
  "total_error_replies",
  "unexpected_error_replies",
  "lazyfreed_objects",
  "lock_waits",
  "lock_wait_usec",
  "long_lock_waits",
  "write_txns",
  "acl_access_denied_auth",
  "acl_access_denied_cmd",
  "acl_access_denied_key",
  "acl_access_denied_channel",
  "dirty", // changes of keys since the server started
  "expire_cycle_usec",
  "cron_job_runs", // of KEYDB.CRON
  "cron_job_errors",
  "cron_job_usec",
  "cron_usec",
  "turn_usec_max", // the longest turn and the most commands of one: highest of all, not summed
  "turn_commands_max",
  "lock_held_usec_max", // the longest time that the write lock was held: highest of all, not summed
  "loop_cycles",
  "loop_usec",
  "cpu_user_usec",
  "cpu_sys_usec",
  "cpu_user_main_usec",
  "cpu_sys_main_usec",
] as const;
export type CounterName = (typeof COUNTER_NAMES)[number];
/** Counters before this index are gauges. */
export const GAUGE_COUNT = COUNTER_NAMES.indexOf("total_connections_received");
/** Monotonic counters that CONFIG RESETSTAT leaves alone. */
export const KEPT_COUNTERS: readonly CounterName[] = [
  "dirty",
  "acl_access_denied_auth",
  "acl_access_denied_cmd",
  "acl_access_denied_key",
  "acl_access_denied_channel",
  "cpu_user_usec",
  "cpu_sys_usec",
  "cpu_user_main_usec",
  "cpu_sys_main_usec",
];
export const COUNTER = Object.fromEntries(COUNTER_NAMES.map((name, index) => [name, index])) as Record<
  CounterName,
  number
>;

/** Int32 words shared by all processes. */
export const SHARED_WORD_NAMES = [
  "active_expire_enabled",
  "pause_mode", // 0 none, 1 WRITE, 2 ALL
  "leader_slot",
  "config_epoch",
  "shutdown_state", // 0 none, 1 shutting down
  "interest_epoch", // moves when what a process wants to be told of has changed (server/interests.ts)
  "interest_blocked",
  "replication_id_changes",
  "scripts_unrestricted", // 1: scripts may call commands that are not for scripts (DEBUG SET-DISABLE-DENY-SCRIPTS)
  "script_flushes", // SCRIPT FLUSHes since the server started
  "cron_paused", // DEBUG PAUSE-CRON
  "slow_script_slot", // slot + 1 of the process whose slow script holds the write lock; 0: none. Its row must agree
  "memory_state", // MEMORY_STATE
  "payload_checksum_ignored", // 1: RESTORE takes payloads with a wrong checksum (DEBUG SET-SKIP-CHECKSUM-VALIDATION)
] as const;
export const SHARED_WORD = Object.fromEntries(SHARED_WORD_NAMES.map((name, index) => [name, index])) as Record<
  (typeof SHARED_WORD_NAMES)[number],
  number
>;

/** Int64 words shared by all processes. */
export const SHARED_WORD64_NAMES = [
  "next_client_id",
  "pause_end_ms",
  "start_time_ms",
  "last_save_ms",
  "stat_reset_ms",
  "peak_memory_bytes",
  "next_slowlog_id",
  "first_slowlog_id", // older entries are gone
  "memory_over_since_ms", // since when more than `maxmemory` is used; 0: it is not
  "memory_over_total_ms", // how long it was in all, before that
  "message_order", // how often processes have sent others what was published
] as const;
export const SHARED_WORD64 = Object.fromEntries(SHARED_WORD64_NAMES.map((name, index) => [name, index])) as Record<
  (typeof SHARED_WORD64_NAMES)[number],
  number
>;

/** What `maxmemory` says: all is well; keys must go; more is used and no key may go. */
export const MEMORY_STATE = { ok: 0, evicting: 1, full: 2 } as const;

/** Rows for commands in the statistics tables; subcommands have their own. */
export const COMMAND_SLOTS = 640;
export const COMMAND_STAT = { calls: 0, usec: 1, rejected: 2, failed: 3 } as const;
/** Cells of a command's latency histogram: command/latency-buckets.ts says which times each stands for. */
export const LATENCY_BUCKETS = 177;

/** Events that LATENCY knows, by row of the event tables. */
export const LATENCY_EVENTS = [
  "command",
  "fast-command",
  "expire-cycle",
  "eviction-cycle",
  "eviction-del",
  "reclaim-cycle",
  "lock-wait",
  "storage-commit",
  "fork",
  "aof-fsync-always",
  "aof-write",
  "rdb-save",
  "command-unblocking",
  "module-acquire-GIL",
  "cron-job",
] as const;
export type LatencyEvent = (typeof LATENCY_EVENTS)[number];
/** Samples kept per event, one per second at most. */
export const LATENCY_SAMPLES = 160;
/** u32 words per event: highest latency ever, next sample's index, then pairs of unix seconds and milliseconds. */
export const LATENCY_EVENT_WORDS = 2 + LATENCY_SAMPLES * 2;

/** Rows of the table of error codes, and bytes of each row's name (its first byte is the length). */
export const ERROR_ROWS = 256;
export const ERROR_NAME_BYTES = 64;
/** Key-hash slots of `touches` and `accessClock`; powers of two. */
export const TOUCH_SLOTS = 1 << 18;
export const ACCESS_SLOTS = 1 << 20;
/** Bytes for the description of a script that runs long. */
export const SCRIPT_TEXT_BYTES = 4096;
/** Rows of the per-process tables: 64 workers, twice over while they are replaced one by one. */
export const PROCESS_SLOTS = 128;
