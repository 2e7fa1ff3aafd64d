/** The table against the facts recorded from redis-server 7.2.4 (CONFIG GET *) and against KeyDB's list. */
import { readFileSync } from "node:fs";
import { directiveIndex, directives, renderDefaultFile } from "@keydb-ts/config";
import t from "tap";
import { texts, Workspace } from "./workspace.ts";

const redisDefaults: Record<string, string> = JSON.parse(
  readFileSync(new URL("redis-7.2-defaults.json", import.meta.url), "utf8"),
);

/** Where we differ from Redis on purpose. */
const DIFFERENCES: Record<string, { ours: string; because: string }> = {
  "io-threads": { ours: "2", because: "as in KeyDB it is another name of server-threads, whose default is 2" },
};

/** Directives that CONFIG GET shows only when they are asked for by name, in Redis 7.2. */
const REDIS_HIDDEN: Record<string, string> = {
  "use-exit-on-panic": "no",
  "aof-disable-auto-gc": "no",
  "watchdog-period": "0",
  "rdb-key-save-delay": "0",
  "key-load-delay": "0",
  "cluster-ping-interval": "0",
  "client-default-resp": "2",
  "loading-process-events-interval-bytes": "2097152",
};

const KEYDB: readonly string[] = `
  server-threads server-thread-affinity active-client-balancing min-clients-per-thread replica-weighting-factor
  time-thread-priority maxclients-reserved overload-protect-percent soft-shutdown enable-async-commands
  enable-async-rehash prefetch-enabled max-snapshot-slip max-rand-count active-replica multi-master
  multi-master-no-forward replica-quorum enable-keydb-fastsync repl-backlog-disk-reserve force-backlog-disk-reserve
  allow-write-during-load multithread-load-enabled loading-process-events-interval-keys allow-rdb-resize-op
  storage-provider storage-provider-options storage-cache-mode storage-flush-period maxstorage delete-on-evict
  flash-disable-key-cache force-eviction-percent scratch-file-path db-s3-object use-fork semi-ordered-set-bucket-size
  tls-allowlist tls-auditlog-blocklist tls-rotation availability-zone enable-motd version-override testmode
  rdbfuzz-mode`
  .trim()
  .split(/\s+/);

t.test("every directive of Redis 7.2 is known with its name, visibility and default text", async (t) => {
  const workspace = new Workspace();
  t.teardown(() => workspace.remove());
  const { config } = await workspace.load([]);
  const expected = { ...redisDefaults, dir: workspace.path };
  const wanted = Object.entries(expected).map(([name, text]) => [name, DIFFERENCES[name]?.ours ?? text, true]);
  const hidden = Object.entries(REDIS_HIDDEN).map(([name, text]) => [name, text, false]);
  const got = [...Object.keys(expected), ...Object.keys(REDIS_HIDDEN)].map((name) => {
    return [name, config.getText(name), config.names().includes(name)];
  });
  t.same(got, [...wanted, ...hidden]);
});

t.test("what we know beyond Redis is what KeyDB has", async (t) => {
  const beyond = [...directiveIndex.keys()].filter((name) => !(name in redisDefaults) && !(name in REDIS_HIDDEN));
  t.same(beyond.sort(), [...KEYDB].sort());
});

t.test("a directive that CONFIG GET * shows can be set back unless Redis too refuses it", async (t) => {
  const workspace = new Workspace();
  t.teardown(() => workspace.remove());
  const { config } = await workspace.load(["--enable-protected-configs", "yes"]);
  const refusals: [string, string | null][] = [];
  for (const name of config.names()) {
    const isImmutableInRedis = name in redisDefaults && directiveIndex.get(name)?.immutable === true;
    const answer = isImmutableInRedis ? null : await config.set([[name, config.getText(name) ?? ""]]);
    if (answer !== null) refusals.push([name, answer]);
  }
  t.same(refusals, []);
  t.equal(config.epoch, 0, "setting the same values is no change");
});

t.test("every entry is documented", async (t) => {
  const undocumented = directives.filter((directive) => !/^[A-Z].*\.$/.test(directive.doc));
  t.same(
    undocumented.map((directive) => directive.name),
    [],
  );
  const unclear = directives.filter((directive) => directive.comes !== undefined && directive.noEffect !== undefined);
  t.same(
    unclear.map((directive) => directive.name),
    [],
    "each has one status",
  );
});

t.test("the default file is the table's, loads without warning and changes nothing", async (t) => {
  const workspace = new Workspace();
  t.teardown(() => workspace.remove());
  const shipped = readFileSync(new URL("../../config/server.yaml", import.meta.url), "utf8");
  t.equal(shipped, renderDefaultFile(), "run `npm run default-file -w config` after changes of the table");
  const defaults = await workspace.load([]);
  const loaded = await workspace.load([workspace.file("server.yaml", shipped)]);
  t.same(loaded.warnings, []);
  const uncommented = shipped.replace(/^# ([a-z_0-9-]+): .*$/gm, (line, name) => {
    return directiveIndex.has(name) && /: (".*"|\[.*\]|[^ ]+|[a-z]+ [a-z]+)$/.test(line) ? line.slice(2) : line;
  });
  const all = await workspace.load([workspace.file("all.yaml", uncommented)]);
  t.same(texts(loaded.config), texts(defaults.config));
  t.same(texts(all.config), texts(defaults.config), "the lines commented out hold defaults too");
  const idle = directives.filter((directive) => directive.comes !== undefined || directive.noEffect !== undefined);
  t.equal(all.warnings.length, idle.length, "one warning for each that is not in force");
});
