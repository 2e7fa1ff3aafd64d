/** From files, standard input and the command line to values, with the errors that stop the start. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { SeededRandom } from "../support/seeded-random.ts";
import { Workspace } from "./workspace.ts";

const workspace = new Workspace();
t.teardown(() => workspace.remove());

t.test("values come from the file, then standard input, then the command line", async (t) => {
  const path = workspace.file("order.conf", "port 1\ntimeout 1\ntcp-keepalive 1\n");
  const { config, file, warnings } = await workspace.load([path, "--port", "3", "-"], "port 2\ntimeout 2\n");
  t.same([config.number("port"), config.number("timeout"), config.number("tcp-keepalive")], [3, 2, 1]);
  t.equal(file, path);
  t.same(warnings, []);
  const yaml = await workspace.load(["-"], "port: 2\nbind: [a, b]\n");
  t.same([yaml.config.number("port"), yaml.config.list("bind"), yaml.file], [2, ["a", "b"], null]);
});

t.test("the command line is read as Redis 7 reads it", async (t) => {
  const accepted: [argv: string[], expected: Record<string, string>][] = [
    [["--port", "0", "--save", ""], { port: "0", save: "" }],
    [["--save", "--loglevel", "verbose"], { save: "", loglevel: "verbose" }],
    [["--loglevel", "verbose", "--save"], { save: "", loglevel: "verbose" }],
    [["--save", "900", "1", "--save", "10", "2"], { save: "900 1 10 2" }],
    [["--save", "900 1 10 2"], { save: "900 1 10 2" }],
    [
      ["--maxmemory 700mb", "--maxmemory-policy volatile-lru"],
      { maxmemory: "734003200", "maxmemory-policy": "volatile-lru" },
    ],
    [["loglevel", "verbose", "--maxmemory '700mb'"], { loglevel: "verbose", maxmemory: "734003200" }],
    [["--pidfile", "--my--file", "--loglevel", "debug"], { pidfile: "--my--file", loglevel: "debug" }],
    [["--pidfile --my--file", "--loglevel debug"], { pidfile: "--my--file", loglevel: "debug" }],
    [["--pidfile", "--save", "--save", ""], { pidfile: "--save", save: "" }],
    [
      ["--shutdown-on-sigint", "nosave", "force", "now", "--shutdown-on-sigterm", "nosave force"],
      { "shutdown-on-sigint": "nosave now force", "shutdown-on-sigterm": "nosave force" },
    ],
    [["--bind", "127.0.0.1", "-::1", "--PORT", "7"], { bind: "127.0.0.1 -::1", port: "7" }],
    [["--port=7000", "--requirepass=a b=c"], { port: "7000", requirepass: "a b=c" }],
    [["--io-threads", "4"], { "server-threads": "4", "io-threads": "4" }],
    [
      ["--requirepass", 'gr\u00fc\u00df "x" \\ \''],
      { requirepass: Buffer.from('gr\u00fc\u00df "x" \\ \'').toString("latin1") },
    ],
  ];
  for (const [argv, expected] of accepted) {
    const { config } = await workspace.load(
      argv[0]?.startsWith("--") === false ? [workspace.file("x.conf", ""), ...argv] : argv,
    );
    for (const [name, text] of Object.entries(expected)) t.equal(config.getText(name), text, argv.join(" "));
  }
});

t.test("a bad command line is refused with Redis' words", async (t) => {
  const refused: [argv: string[], line: number, shown: string, reason: string][] = [
    [["--invalid"], 1, "invalid", "Bad directive or wrong number of arguments"],
    [["--port"], 1, "port", "wrong number of arguments"],
    [["--port", "6380", "--loglevel"], 2, "loglevel", "wrong number of arguments"],
    [["--port", "6379", "6380"], 1, 'port "6379" "6380"', "wrong number of arguments"],
    [["--port", "--loglevel", "verbose"], 1, 'port "--loglevel" "verbose"', "wrong number of arguments"],
    [["--port", "--bla", "--loglevel", "verbose"], 1, 'port "--bla"', "argument couldn't be parsed into an integer"],
    [
      ["--pidfile", "--my", "--loglevel", "--bla"],
      2,
      'loglevel "--bla"',
      "argument(s) must be one of the following: debug, verbose, notice, warning, nothing",
    ],
    [
      ["--shutdown-on-sigint"],
      1,
      "shutdown-on-sigint",
      "argument(s) must be one of the following: default, save, nosave, now, force",
    ],
    [["--replicaof", "127.0.0.1", "abc"], 1, 'replicaof "127.0.0.1" "abc"', "Invalid master port"],
    [["--replicaof", "--127.0.0.1", "--abc"], 1, 'replicaof "--127.0.0.1"', "wrong number of arguments"],
    [["--port 'a"], 1, "port 'a", "Unbalanced quotes in configuration line"],
    [["--invalid=5"], 1, "invalid=5", "Bad directive or wrong number of arguments"],
  ];
  for (const [argv, line, shown, reason] of refused) {
    t.equal(
      await workspace.refusal(argv),
      "\n*** FATAL CONFIG FILE ERROR (keydb-ts 1.2.3) ***\n" +
        `Reading the configuration file, at line ${line} of the command line\n>>> '${shown}'\n${reason}`,
    );
  }
});

t.test("a bad line of a file is refused with file, line and Redis' reason", async (t) => {
  const refused: [text: string, line: number, shown: string, reason: string][] = [
    ["port 1\n\nfoo bar\n", 3, "foo bar", "Bad directive or wrong number of arguments"],
    ["  PORT   70000  \r\n", 1, "PORT   70000", "argument must be between 0 and 65535 inclusive"],
    ["port 'abc\n", 1, "port 'abc", "Unbalanced quotes in configuration line"],
    ['port "1"x\n', 1, 'port "1"x', "Unbalanced quotes in configuration line"],
    ["# c\nmaxmemory 10xb", 2, "maxmemory 10xb", "argument must be a memory value"],
    ["save 1", 1, "save 1", "Invalid save parameters"],
    [
      "client-output-buffer-limit normal 1 1",
      1,
      "client-output-buffer-limit normal 1 1",
      "Wrong number of arguments in buffer limit configuration.",
    ],
    [`bind ${"a ".repeat(17)}`, 1, `bind ${"a ".repeat(17)}`.trim(), "Too many bind addresses specified."],
    [
      "notify-keyspace-events KQ",
      1,
      "notify-keyspace-events KQ",
      "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.",
    ],
    ["dir /nonexistent", 1, "dir /nonexistent", "No such file or directory"],
    ["dir /etc/passwd", 1, "dir /etc/passwd", "Not a directory"],
    ["dir ''", 1, "dir ''", "No such file or directory"],
    ["a.b", 1, "a.b", "Module config specified without value"],
    ["sentinel monitor m", 1, "sentinel monitor m", "sentinel directive while not in sentinel mode"],
    ["rename-command a", 1, "rename-command a", "Bad directive or wrong number of arguments"],
    ["unixsocketperm 999", 1, "unixsocketperm 999", "argument couldn't be parsed as an octal number"],
    ["unixsocketperm 1777", 1, "unixsocketperm 1777", "argument must be between 0 and 777 inclusive"],
    ["server-threads 65", 1, "server-threads 65", "argument must be between 1 and 64 inclusive"],
    [
      "server-thread-affinity 0",
      1,
      "server-thread-affinity 0",
      "argument must be 'yes', 'no' or the number of the first core (from 1)",
    ],
  ];
  for (const [text, line, shown, reason] of refused) {
    const path = workspace.file("bad.conf", text);
    t.equal(
      await workspace.refusal([path]),
      "\n*** FATAL CONFIG FILE ERROR (keydb-ts 1.2.3) ***\n" +
        `Reading the configuration file, at line ${line} of ${path}\n>>> '${shown}'\n${reason}`,
    );
  }
  t.equal(
    await workspace.refusal(["/nonexistent.conf"]),
    "Fatal error, can't open config file '/nonexistent.conf': No such file or directory",
  );
  t.equal(
    await workspace.refusal(["--logfile", "/nonexistent/log"]),
    "Can't open the log file: No such file or directory",
  );
});

t.test("every syntax of redis.conf", async (t) => {
  const path = workspace.file(
    "syntax.conf",
    [
      "# a comment",
      "\t PORT\t 7001 \r",
      'requirepass "a\\x41\\n\\t\\\\\\"b\'"',
      "masterauth 'single \\' \\n'",
      'pidfile /tmp/"mixed quotes"',
      "bind 127.0.0.1 -::1",
      'bind "10.0.0.1 10.0.0.2"',
      "save 100 1",
      "save 200 2 300 3",
      "client-output-buffer-limit slave 1gb 512mb 30",
      "client-output-buffer-limit pubsub 1k 1kb 5 normal 1 2 3",
      "oom-score-adj relative",
      "notify-keyspace-events Elg$",
      'latency-tracking-info-percentiles ""',
      "slave-read-only no",
      "hash-max-ziplist-entries 20",
      "hash-max-listpack-entries 21",
      "maxmemory 5GB",
      "tls-allowlist *.example.com 'two words'",
      "rename-command FLUSHALL ''",
      "user alice on >secret ~* +@all",
      "user bob off",
      "loadmodule /some/module.so a b",
      "mod.option some value",
      "list-max-ziplist-value 64",
      "",
    ].join("\n"),
  );
  const { config, warnings } = await workspace.load([path]);
  t.equal(config.number("port"), 7001);
  t.equal(config.getText("requirepass"), "aA\n\t\\\"b'");
  t.equal(config.getText("masterauth"), "single ' \\n");
  t.equal(config.string("pidfile"), "/tmp/mixed quotes");
  t.same(config.list("bind"), ["10.0.0.1", "10.0.0.2"], "the last bind counts");
  t.same(
    config.savePoints().map((point) => [point.seconds, point.changes]),
    [
      [100, 1],
      [200, 2],
      [300, 3],
    ],
  );
  t.same(config.outputBufferLimits(), {
    normal: { hardBytes: 1, softBytes: 2, softSeconds: 3 },
    replica: { hardBytes: 2 ** 30, softBytes: 2 ** 29, softSeconds: 30 },
    pubsub: { hardBytes: 1000, softBytes: 1024, softSeconds: 5 },
  });
  t.equal(config.getText("oom-score-adj"), "yes");
  t.equal(config.getText("notify-keyspace-events"), "g$lE");
  t.same(config.percentiles(), []);
  t.equal(config.boolean("replica-read-only"), false);
  t.equal(config.number("hash-max-listpack-entries"), 21);
  t.equal(config.number("maxmemory"), 5 * 2 ** 30);
  t.same(config.list("tls-allowlist"), ["*.example.com", "two words"]);
  for (const name of ["rename-command", "user", "loadmodule", "mod.option", "masterauth", "tls-allowlist"]) {
    t.equal(warnings.filter((warning) => warning.includes(`'${name}'`)).length, 1, `one warning for ${name}`);
  }
  t.match(
    warnings.find((warning) => warning.includes("'user'")),
    /not in force yet: access control lists/,
  );
});

t.test("YAML: scalars, lists, maps, aliases and faults", async (t) => {
  const path = workspace.file(
    "all.yaml",
    [
      "---",
      "# comment",
      "port: 7002   # here too",
      "unixsocketperm: 0700",
      "maxmemory: 64mb",
      "protected-mode: false",
      "appendonly: yes",
      "requirepass: 'pässword'",
      "pidfile:",
      "bind: [127.0.0.1, -::1]",
      "save:",
      "  - 100 1",
      "  - 200 2",
      "client-output-buffer-limit:",
      "  normal: 0 0 0",
      "  slave: 1gb 1mb 60",
      "  pubsub: [1, 2kb, 3]",
      "rename-command: {FLUSHALL: '', KEYS: k}",
      "user:",
      "  - alice on",
      "  - bob off",
      "shutdown-on-sigterm: nosave now",
      "latency-tracking-info-percentiles: [50, 99.9]",
      "oom-score-adj-values: [0, 100, 200]",
    ].join("\n"),
  );
  const { config } = await workspace.load([path]);
  t.equal(config.number("port"), 7002);
  t.equal(config.getText("unixsocketperm"), "700");
  t.equal(config.number("maxmemory"), 64 * 2 ** 20);
  t.equal(config.boolean("protected-mode"), false);
  t.equal(config.boolean("appendonly"), true);
  t.equal(config.string("requirepass"), "pässword");
  t.equal(config.getText("requirepass"), Buffer.from("pässword").toString("latin1"));
  t.equal(config.string("pidfile"), "");
  t.same(config.list("bind"), ["127.0.0.1", "-::1"]);
  t.equal(config.getText("save"), "100 1 200 2");
  t.equal(config.getText("client-output-buffer-limit"), "normal 0 0 0 slave 1073741824 1048576 60 pubsub 1 2048 3");
  t.equal(config.getText("shutdown-on-sigterm"), "nosave now");
  t.equal(config.getText("latency-tracking-info-percentiles"), "50 99.9");
  t.equal(config.getText("oom-score-adj-values"), "0 100 200");

  const refused: [text: string, line: number, reason: RegExp][] = [
    ["port: 1\nfoo: bar\n", 2, /\n>>> 'foo: bar'\nBad directive or wrong number of arguments$/],
    ["port: 1\nmaxmemory: 10xb\n", 2, /\nargument must be a memory value$/],
    ["port: [1, 2]\n", 1, /\nwrong number of arguments$/],
    ["port: 1\nport: 2\n", 2, /unique/],
    ["port: {a: b: c}\n", 1, /\n>>> 'port: \{a: b: c\}'\n/],
    ["client-output-buffer-limit:\n  normal: 1 2\n", 2, /\nWrong number of arguments in buffer limit/],
    ["- port\n", 1, /'name: value'/],
    ["bind: [[a], {b: c}]\n", 1, /plain value/],
  ];
  for (const [text, line, reason] of refused) {
    const bad = workspace.file("bad.yaml", text);
    const message = await workspace.refusal([bad]);
    t.match(message, reason);
    t.ok(message.includes(`at line ${line} of ${bad}\n`), message);
  }
});

t.test("the syntax is told by the content where the name does not tell it", async (t) => {
  const yaml = await workspace.load([workspace.file("looks-like.conf", "# c\n\nport: 5\nsave: ''\n")]);
  t.equal(yaml.config.number("port"), 5);
  const conf = await workspace.load([workspace.file("plain", "port 6\nrequirepass a:b\n")]);
  t.equal(conf.config.number("port"), 6);
  const empty = await workspace.load([workspace.file("empty.yaml", "")]);
  t.equal(empty.config.number("port"), 6379);
});

t.test("include: order, relative paths, patterns, errors, loops", async (t) => {
  workspace.file("inc/a.conf", "port 10\ntimeout 10\n");
  workspace.file("inc/b.yaml", "timeout: 20\n");
  workspace.file("inc/.hidden.conf", "timeout 30\n");
  const main = workspace.file("main.conf", "port 5\ninclude inc/*\ntcp-keepalive 7\ninclude none/*.conf\n");
  const { config } = await workspace.load([main]);
  t.same([config.number("port"), config.number("timeout"), config.number("tcp-keepalive")], [10, 20, 7]);

  const ranges = await workspace.load([workspace.file("r.conf", "include inc/[a]?c*f\ninclude inc/[!a].*\n")]);
  t.equal(ranges.config.number("timeout"), 20);

  const afterDir = workspace.file("dir.conf", `dir ${join(workspace.path, "inc")}\ninclude a.conf\n`);
  t.equal((await workspace.load([afterDir])).config.number("port"), 10, "relative to the directory in force");

  const missing = await workspace.refusal([workspace.file("m.conf", "include nowhere.conf\n")]);
  t.equal(missing, `Fatal error, can't open config file '${workspace.path}/nowhere.conf': No such file or directory`);
  workspace.file("inc2/bad.conf", "\nport x\n");
  t.match(
    await workspace.refusal([workspace.file("m.conf", "include inc2/bad.conf\n")]),
    /line 2 of .*inc2\/bad\.conf\n/,
  );
  t.match(
    await workspace.refusal([workspace.file("loop.conf", "include loop.conf\n")]),
    /include one another without end/,
  );
  const yaml = await workspace.load([workspace.file("i.yaml", "include: [inc/a.conf, inc/b.yaml]\nport: 11\n")]);
  t.same([yaml.config.number("port"), yaml.config.number("timeout")], [11, 20]);
});

t.test("dir is checked and made absolute", async (t) => {
  workspace.file("data/x", "");
  const { config } = await workspace.load(["--dir", "data"]);
  t.equal(config.getText("dir"), join(workspace.path, "data"));
  t.equal((await workspace.load([])).config.getText("dir"), workspace.path);
});

t.test("memory units: case, factors and limits, for random amounts", async (t) => {
  const factors: Record<string, bigint> = {
    "": 1n,
    b: 1n,
    k: 1000n,
    kb: 1024n,
    m: 10n ** 6n,
    mb: 2n ** 20n,
    g: 10n ** 9n,
    gb: 2n ** 30n,
  };
  const seed = 20261122;
  const random = new SeededRandom(seed);
  for (let i = 0; i < 40; i++) {
    const unit = random.pick(Object.keys(factors));
    const count = BigInt(random.between(0, 2 ** 31 - 1)) * BigInt(random.between(1, 1000));
    const shown = [...unit].map((letter) => (random.chance(0.5) ? letter.toUpperCase() : letter)).join("");
    const { config } = await workspace.load(["--maxmemory", `${count}${shown}`]);
    const bytes = BigInt.asUintN(64, count * (factors[unit] ?? 0n));
    t.equal(config.getText("maxmemory"), `${bytes}`, `${count}${shown} (seed ${seed})`);
  }
});

t.test("words survive quoting, for random bytes", async (t) => {
  const seed = 7;
  const random = new SeededRandom(seed);
  for (let i = 0; i < 60; i++) {
    const bytes = random.bytes(random.between(0, 20));
    let quoted = "";
    for (const char of bytes) quoted += `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
    const { config } = await workspace.load(["-"], `requirepass "${quoted}"\n`);
    t.equal(config.getText("requirepass"), bytes, `seed ${seed}, word ${i}`);
  }
});

const DEBIAN_FILE = "/etc/redis/redis.conf";
const skipDebian = existsSync(DEBIAN_FILE) ? false : "Debian's file is not on this machine";

t.test("Debian's redis.conf loads, with a warning for each directive not in force", { skip: skipDebian }, async (t) => {
  const text = readFileSync(DEBIAN_FILE, "utf8").replace(/^(dir|logfile) .*$/gm, "");
  const { config, warnings } = await workspace.load([workspace.file("debian.conf", text)]);
  t.same(config.list("bind"), ["127.0.0.1", "-::1"]);
  t.equal(config.boolean("daemonize"), true);
  t.ok(warnings.some((warning) => warning.includes("'appendonly'")));
  t.equal(new Set(warnings).size, warnings.length, "each only once");
});

t.test("the sample profiles load", async (t) => {
  for (const name of ["cache", "development"]) {
    const path = new URL(`../../config/profiles/${name}.yaml`, import.meta.url).pathname;
    const { config } = await workspace.load([path]);
    t.equal(config.number("port"), 6379, name);
  }
});
