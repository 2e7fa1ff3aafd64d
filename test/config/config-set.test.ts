/** CONFIG SET: recorded answers of redis-server 7.2.4, atomicity, rights, listeners, several processes. */
import { readFileSync } from "node:fs";
import { ConfigAuthority, type ConfigChange, ServerConfig } from "@keydb-ts/config";
import t from "tap";
import { texts, Workspace } from "./workspace.ts";

const workspace = new Workspace();
t.teardown(() => workspace.remove());

async function fresh(...argv: string[]): Promise<ServerConfig> {
  return (await workspace.load(argv)).config;
}

t.test("the answers and the resulting texts are Redis', value by value", async (t) => {
  const recorded: [name: string, value: string, error: string | null, text: string | null][] = JSON.parse(
    readFileSync(new URL("redis-7.2-config-set.json", import.meta.url), "utf8"),
  );
  const config = await fresh("--enable-protected-configs", "yes");
  const differences: unknown[] = [];
  for (const [name, value, error, text] of recorded) {
    const checked = config.check([[name, value]]);
    const answer = await config.set([[name, value]]);
    const result = config.getText(name) ?? null;
    if (checked !== error || answer !== error || result !== text)
      differences.push({ name, value, checked, answer, result });
  }
  t.same(differences, []);
  t.ok(recorded.length > 300);
});

t.test("several changes are in force together or not at all", async (t) => {
  const config = await fresh();
  t.equal(
    await config.set([
      ["maxmemory", "1mb"],
      ["timeout", "5"],
      ["SAVE", "3000 5"],
    ]),
    null,
  );
  t.same([config.number("maxmemory"), config.number("timeout"), config.getText("save")], [1048576, 5, "3000 5"]);
  t.equal(
    await config.set([
      ["maxmemory", "2mb"],
      ["maxmemory-clients", "200%"],
      ["client-query-buffer-limit", "invalid"],
    ]),
    "ERR CONFIG SET failed (possibly related to argument 'maxmemory-clients') - " +
      "percentage argument must be less or equal to 100",
  );
  t.equal(config.number("maxmemory"), 1048576);
  t.equal(
    await config.set([
      ["maxmemory", "1"],
      ["MaxMemory", "2"],
    ]),
    "ERR CONFIG SET failed (possibly related to argument 'MaxMemory') - duplicate parameter",
  );
  t.equal(
    await config.set([
      ["daemonize", "yes"],
      ["nosuch", "1"],
    ]),
    "ERR CONFIG SET failed (possibly related to argument 'daemonize') - can't set immutable config",
    "the first fault counts",
  );
  t.equal(
    await config.set([
      ["NoSuch", "1"],
      ["daemonize", "yes"],
    ]),
    "ERR Unknown option or number of arguments for CONFIG SET - 'NoSuch'",
  );
});

t.test("protected directives and loading", async (t) => {
  const remote = { isLocalClient: false, isLoading: false };
  const local = { isLocalClient: true, isLoading: false };
  const protectedError =
    "ERR CONFIG SET failed (possibly related to argument 'dbfilename') - can't set protected config";
  const rules: [setting: string, remoteAnswer: string | null, localAnswer: string | null][] = [
    ["no", protectedError, protectedError],
    ["local", protectedError, null],
    ["yes", null, null],
  ];
  for (const [setting, remoteAnswer, localAnswer] of rules) {
    const config = await fresh("--enable-protected-configs", setting);
    t.equal(config.check([["dbfilename", "x"]], remote), remoteAnswer);
    t.equal(await config.set([["dbfilename", "x"]], local), localAnswer);
  }
  const config = await fresh("--enable-protected-configs", "yes");
  const loading = { isLocalClient: false, isLoading: true };
  t.equal(config.check([["dir", "asdf"]], loading), "LOADING Redis is loading the dataset in memory");
  t.equal(config.check([["loglevel", "debug"]], loading), null);
});

t.test("dir is relative to the present one and must be a directory", async (t) => {
  workspace.file("sub/deep/x", "");
  const config = await fresh("--enable-protected-configs", "yes");
  t.equal(await config.set([["dir", "sub"]]), null);
  t.equal(await config.set([["dir", "deep"]]), null);
  t.equal(config.string("dir"), `${workspace.path}/sub/deep`);
  t.equal(
    await config.set([["dir", "deep"]]),
    "ERR CONFIG SET failed (possibly related to argument 'dir') - No such file or directory",
  );
});

t.test("listeners hear of changes only; hooks can refuse them", async (t) => {
  const config = await fresh();
  const heard: string[] = [];
  config.onChange("timeout", () => heard.push(`timeout ${config.number("timeout")}`));
  config.onChange("lua-time-limit", () => heard.push(`busy ${config.number("busy-reply-threshold")}`));
  await config.set([["timeout", "0"]]);
  t.same([heard, config.epoch], [[], 0], "the same value is no change");
  await config.set([
    ["timeout", "9"],
    ["busy-reply-threshold", "3"],
  ]);
  t.same(heard, ["timeout 9", "busy 3"]);
  t.equal(config.epoch, 1);

  const ports: number[] = [];
  config.onApply("port", async () => {
    ports.push(config.number("port"));
    return config.number("port") === 7 ? "Unable to listen on this port. Check server logs." : null;
  });
  t.equal(
    await config.set([
      ["timeout", "10"],
      ["port", "7"],
      ["tcp-keepalive", "1"],
    ]),
    "ERR CONFIG SET failed (possibly related to argument 'port') - Unable to listen on this port. Check server logs.",
  );
  t.same(ports, [7, 6379], "the hook runs again for the old value");
  t.same([config.number("timeout"), config.number("port"), config.number("tcp-keepalive")], [9, 6379, 300]);
  t.same(heard, ["timeout 9", "busy 3"], "nobody hears of a change that failed");
  t.equal(await config.set([["port", "8"]]), null);
  t.throws(() => config.onChange("nosuch", () => undefined));
  t.throws(() => config.number("nosuch"));
});

t.test("processes get the configuration serialized and follow the one with the last word", async (t) => {
  const path = workspace.file(
    "s.conf",
    "save 1 1\nrequirepass \"\\xff b\"\ntls-allowlist 'a b' c\nreplicaof h 1\nport 77\n",
  );
  const supervisor = await fresh(path, "--bind", "127.0.0.1", "-::1", "--unixsocketperm", "700", "--dir", "/tmp");
  const workers = [1, 2].map(() => ServerConfig.fromSerialized(supervisor.serialize()));
  for (const worker of workers) {
    t.same(texts(worker), texts(supervisor));
    t.equal(worker.file, path);
    t.equal(worker.epoch, 0);
  }
  const authority = new ConfigAuthority(supervisor, async (changes) => {
    const answers = await Promise.all(workers.map((worker) => worker.apply(changes)));
    return answers.find((answer) => answer !== null) ?? null;
  });
  for (const worker of workers) worker.useDistribution((changes) => authority.set(changes));
  const [first, second] = workers as [ServerConfig, ServerConfig];
  const all = [supervisor, first, second];

  t.equal(
    await first.set([
      ["client-output-buffer-limit", "normal 1 1 1"],
      ["notify-keyspace-events", "KEAn"],
    ]),
    null,
  );
  const merged = "normal 1 1 1 slave 268435456 67108864 60 pubsub 33554432 8388608 60";
  t.same(
    all.map((config) => config.getText("client-output-buffer-limit")),
    [merged, merged, merged],
  );

  const both = await Promise.all([
    first.set([["client-output-buffer-limit", "pubsub 2 2 2"]]),
    second.set([["client-output-buffer-limit", "replica 3 3 3"]]),
  ]);
  t.same(both, [null, null]);
  const joined = "normal 1 1 1 slave 3 3 3 pubsub 2 2 2";
  t.same(
    all.map((config) => config.getText("client-output-buffer-limit")),
    [joined, joined, joined],
    "none is lost",
  );

  second.onApply("maxclients", () => (second.number("maxclients") > 100000 ? "too many" : null));
  const failure = "ERR CONFIG SET failed (possibly related to argument 'maxclients') - too many";
  t.equal(
    await first.set([
      ["timeout", "3"],
      ["maxclients", "200000"],
    ]),
    failure,
  );
  t.same(
    all.map((config) => [config.number("maxclients"), config.number("timeout")]),
    [
      [10000, 0],
      [10000, 0],
      [10000, 0],
    ],
  );

  const order: ConfigChange[] = Array.from({ length: 20 }, (_, i) => ["timeout", `${i + 1}`]);
  await Promise.all(order.map((change, i) => (workers[i % 2] as ServerConfig).set([change])));
  t.same(
    all.map((config) => config.number("timeout")),
    [20, 20, 20],
    "changes follow one another",
  );
});
