/** Logging, introspection, security, limits on commands. */
import { bool, type DirectiveGroup, type DirectiveOptions, directive, integer, oneOf, text } from "../directive.ts";
import { LONG_MAX } from "../numbers.ts";
import { flagsType, integerType, textType } from "../plain-types.ts";
import { keyspaceEventsType, percentilesType } from "../special-types.ts";
import { isKnownLocale, isProcTitleTemplate } from "../text-rules.ts";

const MAX_HZ = 500n;
const CRASH_REPORTS = "the runtime writes its own crash reports";
const PROTECTED_ACTIONS = ["no", "yes", "local"];
const SHUTDOWN_FLAGS = ["save", "nosave", "now", "force"];
const TEST_AID: DirectiveOptions = { hidden: true, noEffect: "it is a test aid of Redis" };

function shutdownConflict(flags: readonly string[]): string | null {
  return flags.includes("save") && flags.includes("nosave")
    ? "shutdown options SAVE and NOSAVE can't be used simultaneously"
    : null;
}

export const loggingGroup: DirectiveGroup = {
  title: "Logging",
  directives: [
    oneOf("loglevel", ["debug", "verbose", "notice", "warning", "nothing"], "notice", "Least level that is logged."),
    text("logfile", "", "File to log to; empty for standard output.", { immutable: true }),
    bool("syslog-enabled", false, "Logs to the system log as well.", { immutable: true }),
    text("syslog-ident", "redis", "Name under which the system log shows the lines.", { immutable: true }),
    oneOf(
      "syslog-facility",
      ["user", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"],
      "local0",
      "Facility of the system log.",
      { immutable: true },
    ),
    bool("crash-log-enabled", true, "Redis writes a report into its log when it crashes.", { noEffect: CRASH_REPORTS }),
    bool("crash-memcheck-enabled", true, "Redis tests the memory after a crash.", { noEffect: CRASH_REPORTS }),
    bool("use-exit-on-panic", false, "Redis exits instead of aborting.", TEST_AID),
    integer("watchdog-period", 0, {}, "Milliseconds after which Redis logs where a slow command is.", {
      hidden: true,
      noEffect: "use the slow log and the latency monitor",
    }),
    directive(
      "proc-title-template",
      textType((value) =>
        isProcTitleTemplate(value) ? null : "template format is invalid or contains unknown variables",
      ),
      "{title} {listen-addr} {server-mode}",
      "text with {title} {listen-addr} {server-mode} {config-file} {port} {tls-port} {unixsocket}",
      "What the process list shows.",
    ),
    text("availability-zone", "", "Name of the zone the server runs in; INFO shows it.", { origin: "keydb" }),
    text("version-override", "", "KeyDB shows this version instead of its own.", {
      immutable: true,
      hidden: true,
      origin: "keydb",
      noEffect: "INFO always tells the real versions",
    }),
  ],
};

export const monitoringGroup: DirectiveGroup = {
  title: "Slow log, latency and events",
  directives: [
    integer(
      "slowlog-log-slower-than",
      10000,
      { min: -1, max: LONG_MAX },
      "Microseconds from which a command enters the slow log; 0 for every command, -1 for none.",
    ),
    integer("slowlog-max-len", 128, { max: LONG_MAX }, "Entries that the slow log keeps."),
    integer(
      "latency-monitor-threshold",
      0,
      { max: LONG_MAX },
      "Milliseconds from which an event enters the latency monitor; 0 turns it off.",
    ),
    bool("latency-tracking", true, "Keeps a histogram of every command's time (LATENCY HISTOGRAM, INFO latencystats)."),
    directive(
      "latency-tracking-info-percentiles",
      percentilesType,
      [50, 99, 99.9],
      "numbers from 0 to 100",
      "Percentiles that INFO latencystats shows.",
    ),
    directive(
      "notify-keyspace-events",
      keyspaceEventsType,
      "",
      "letters: K keyspace, E keyevent; g $ l s h z x e t d, or A for these; m misses, n new keys",
      "Changes that are published to subscribers; needs K or E and at least one class.",
    ),
  ],
};

export const securityGroup: DirectiveGroup = {
  title: "Security",
  directives: [
    text("requirepass", "", "Password of the default user; empty for none.", { sensitive: true }),
    text("aclfile", "", "File that defines the users.", { immutable: true, comes: "access control lists" }),
    integer("acllog-max-len", 128, { max: LONG_MAX }, "Entries that ACL LOG keeps.", { comes: "access control lists" }),
    oneOf(
      "acl-pubsub-default",
      ["allchannels", "resetchannels"],
      "resetchannels",
      "Channels that a new user may use.",
      { comes: "access control lists" },
    ),
    oneOf("enable-protected-configs", PROTECTED_ACTIONS, "no", "Who may CONFIG SET protected directives such as dir.", {
      immutable: true,
    }),
    oneOf("enable-debug-command", PROTECTED_ACTIONS, "no", "Who may use DEBUG; local means clients on this machine.", {
      immutable: true,
    }),
    oneOf("enable-module-command", PROTECTED_ACTIONS, "no", "Who may use MODULE.", {
      immutable: true,
      comes: "modules",
    }),
  ],
};

export const runtimeGroup: DirectiveGroup = {
  title: "Running",
  directives: [
    integer("databases", 16, { min: 1 }, "Number of databases (SELECT).", { immutable: true }),
    directive(
      "hz",
      integerType({ min: 0n, max: 2147483647n }, (value) => (value < 1n ? 1n : value > MAX_HZ ? MAX_HZ : value)),
      10n,
      "number, 1 to 500",
      "How often a second the server looks after timeouts, figures and other things in the background.",
    ),
    bool("dynamic-hz", true, "Redis adapts hz to the number of clients.", {
      noEffect: "background work does not grow with the number of clients",
    }),
    integer("active-expire-effort", 1, { min: 1, max: 10 }, "How hard Redis looks for expired keys.", {
      noEffect: "every expired key is removed when it is due",
    }),
    bool("activerehashing", true, "Redis rehashes its tables in idle time.", {
      noEffect: "there are no tables to rehash",
    }),
    integer(
      "busy-reply-threshold",
      5000,
      { max: LONG_MAX },
      "Milliseconds after which others are told BUSY while a script or command goes on.",
      { aliases: ["lua-time-limit"] },
    ),
    integer("shutdown-timeout", 10, {}, "Seconds that a shutdown waits for replicas.", { comes: "replication" }),
    directive(
      "shutdown-on-sigint",
      flagsType("default", SHUTDOWN_FLAGS, shutdownConflict),
      "default",
      "default, or some of save nosave now force",
      "How SIGINT shuts down.",
      { comes: "RDB snapshots" },
    ),
    directive(
      "shutdown-on-sigterm",
      flagsType("default", SHUTDOWN_FLAGS, shutdownConflict),
      "default",
      "default, or some of save nosave now force",
      "How SIGTERM shuts down.",
      { comes: "RDB snapshots" },
    ),
    directive(
      "locale-collate",
      textType((value) => (isKnownLocale(value) ? null : "Invalid locale name")),
      "",
      "locale such as C or en_US.UTF-8",
      "Order of texts in SORT ALPHA; empty takes it from the environment.",
      { noEffect: "SORT ALPHA compares bytes, as in the C locale" },
    ),
    integer("max-rand-count", LONG_MAX / 2n, { max: LONG_MAX }, "Most elements a RANDMEMBER command returns.", {
      origin: "keydb",
    }),
    bool("testmode", false, "KeyDB's own tests need it.", {
      immutable: true,
      hidden: true,
      origin: "keydb",
      noEffect: "it is a test aid of KeyDB",
    }),
    bool("rdbfuzz-mode", false, "KeyDB's own tests need it.", {
      immutable: true,
      hidden: true,
      origin: "keydb",
      noEffect: "it is a test aid of KeyDB",
    }),
    bool("enable-async-commands", false, "KeyDB answers GET and MGET from a snapshot without its lock.", {
      origin: "keydb",
      noEffect: "reads never take the lock",
    }),
    bool("enable-async-rehash", true, "KeyDB rehashes its tables in other threads.", {
      origin: "keydb",
      noEffect: "there are no tables to rehash",
    }),
    bool("prefetch-enabled", true, "KeyDB touches the keys of waiting commands before it takes its lock.", {
      origin: "keydb",
      noEffect: "the operating system pages the keyspace in",
    }),
    integer("max-snapshot-slip", 400, { max: 5000 }, "Greatest age in milliseconds of KeyDB's snapshot for reads.", {
      origin: "keydb",
      noEffect: "a read always sees everything that was acknowledged before it",
    }),
    integer("semi-ordered-set-bucket-size", 0, { max: 1024 }, "KeyDB reads it and does nothing with it.", {
      origin: "keydb",
      noEffect: "KeyDB has no such structure any more either",
    }),
  ],
};
