// Access rules beside redis-server 7.2.4: the same permissions there by ACL SETUSER, here by the rules of the tests.
// Skipped when there is no such redis-server (REDIS_SERVER=/path/to/it).
import t from "tap";
import { TestRules } from "../support/acl-rules.ts";
import type { RespClient } from "../support/resp-client.ts";
import { type Reply, RespError, startWorker, type TestClient, type TestWorker } from "../support/run.ts";
import { referenceVersion, type ServerProcess, startReference } from "../support/server.ts";

/** Words of a request, or those of ACL SETUSER for the user `default` behind `ACL:`. */
type Step = string;

interface Case {
  readonly name: string;
  readonly steps: readonly Step[];
}

const LIBRARY = "#!lua name=l\nredis.register_function('f', function(k) return redis.pcall('get', k[1] or 'b') end)";

const CASES: readonly Case[] = [
  {
    name: "commands",
    steps: [
      "ACL: +@all -get -config|set ~* &*",
      "GET k",
      "get",
      "GET k k",
      "CONFIG SET hz 10",
      "CONFIG",
      "CONFIG NOSUCH",
      "CONFIG SET",
      "config get hz",
      "SET k v",
      "NOSUCH k",
      "DEBUG JMAP",
      "ACL: +get +config|get ~*",
      "CONFIG GET hz",
      "CONFIG SET hz 10",
      "CLIENT ID",
      "PING",
      "HELLO 9",
      "MULTI",
      "ACL: +@all -@all",
      "GET k",
      "RESET",
    ],
  },
  {
    name: "keys by what is done with them",
    steps: [
      "ACL: +@all %R~r* %W~w* ~both*",
      ...["r", "w", "both", "none"].flatMap((key) => [
        `SET ${key} 1`,
        `SET ${key} 1 GET`,
        `GET ${key}`,
        `GETSET ${key} 1`,
        `GETDEL ${key}`,
        `GETEX ${key} EX 100`,
        `GETEX ${key}`,
        `EXISTS ${key}`,
        `TYPE ${key}`,
        `TTL ${key}`,
        `EXPIRE ${key} 100`,
        `DEL ${key}`,
        `UNLINK ${key}`,
        `TOUCH ${key}`,
        `STRLEN ${key}`,
        `APPEND ${key} x`,
        `BITFIELD ${key} GET u8 0`,
        `BITFIELD ${key} SET u8 0 1`,
        `BITFIELD_RO ${key} GET u8 0`,
        `DEL ${key}`,
        `LPUSH ${key} a`,
        `LPOP ${key}`,
        `LLEN ${key}`,
        `LRANGE ${key} 0 -1`,
        `DEL ${key}`,
        `SADD ${key} a`,
        `SPOP ${key}`,
        `SMEMBERS ${key}`,
        `SISMEMBER ${key} a`,
        `ZADD ${key} 1 a`,
        `HSET ${key} f v`,
        `HGET ${key} f`,
        `PFADD ${key} a`,
        `PFCOUNT ${key}`,
        `XADD ${key} 1-1 f v`,
        `XLEN ${key}`,
        `OBJECT ENCODING ${key}`,
        `OBJECT FREQ ${key}`,
        `MEMORY USAGE ${key}`,
        `DEBUG OBJECT ${key}`,
        `SORT ${key}`,
        `WATCH ${key}`,
        "UNWATCH",
      ]),
      ...["r w", "w r", "r both", "both r", "w both", "both w", "none r", "r none"].flatMap((keys) => [
        `RENAME ${keys}`,
        `COPY ${keys}`,
        `COPY ${keys} REPLACE`,
        `MSET ${keys.replace(" ", " 1 ")} 2`,
        `MGET ${keys}`,
        `SINTERSTORE ${keys}`,
        `SDIFF ${keys}`,
        `ZUNIONSTORE ${keys.split(" ")[0]} 1 ${keys.split(" ")[1]}`,
        `ZUNION 2 ${keys}`,
        `ZUNION 1.5 ${keys}`,
        `ZUNION 3 ${keys}`,
        `ZUNION x ${keys}`,
        `LMOVE ${keys} LEFT RIGHT`,
        `RPOPLPUSH ${keys}`,
        `SMOVE ${keys} a`,
        `LMPOP 2 ${keys} LEFT`,
        `BITOP AND ${keys}`,
        `PFMERGE ${keys}`,
        `GEOSEARCHSTORE ${keys} FROMLONLAT 1 1 BYRADIUS 1 m`,
        `GEORADIUS ${keys.split(" ")[0]} 1 1 1 m STORE ${keys.split(" ")[1]}`,
        `GEORADIUS ${keys.split(" ")[0]} 1 1 1 m STORE both STOREDIST ${keys.split(" ")[1]}`,
        `SORT ${keys.split(" ")[0]} STORE ${keys.split(" ")[1]}`,
        `XREAD STREAMS ${keys} 0 0`,
        `XREADGROUP GROUP g c STREAMS ${keys} 0 0`,
        `XREAD COUNT 1 ${keys}`,
        `LCS ${keys}`,
        `EVAL x 2 ${keys}`,
        `EVAL_RO x 2 ${keys}`,
        `EVAL x 3 ${keys}`,
        `EVALSHA x 1.5 ${keys}`,
        `FCALL x 1 ${keys}`,
        `FCALL_RO x 2 ${keys}`,
      ]),
      "FLUSHALL",
      "SELECT 7",
      "SET r 1",
      "SET both 1",
    ],
  },
  {
    name: "selectors",
    steps: [
      "ACL: +set ~a* (+get ~b*) (%R~* +sort) (+publish &c)",
      "SET a 1",
      "SET b 1",
      "GET b",
      "GET a",
      "GET",
      "DEL a",
      "PUBLISH c m",
      "PUBLISH d m",
      "MSET a 1",
      "SORT a",
      "SORT a BY x*",
      "SORT a STORE b",
    ],
  },
  {
    name: "channels",
    steps: [
      "ACL: +@all &news.* &exact",
      "PUBLISH news.a m",
      "PUBLISH other m",
      "SPUBLISH other m",
      "SPUBLISH exact m",
      "SUBSCRIBE other",
      "SSUBSCRIBE other",
      "PSUBSCRIBE news.a*",
      "PSUBSCRIBE exact*",
      "UNSUBSCRIBE other",
      "PUNSUBSCRIBE other",
      "SUBSCRIBE exact",
      "STRLEN k",
      "ACL: +@all -strlen &exact",
      "STRLEN k",
      "APPEND k v",
      "PSUBSCRIBE news.*",
      "RESET",
    ],
  },
  {
    name: "transactions",
    steps: [
      "ACL: +@all -get ~* &*",
      "MULTI",
      "GET k",
      "SET k v",
      "EXEC",
      "MULTI",
      "SET k v",
      "INCR a",
      "PUBLISH c m",
      "CONFIG GET hz",
      "ACL: +@all -config|get ~a*",
      "EXEC",
      "ACL: +@all ~*",
      "MULTI",
      "SET k v",
      "ACL: +@all -exec ~*",
      "EXEC",
      "EXEC",
      "ACL: +@all -multi -watch ~*",
      "MULTI",
      "WATCH k",
      "EXEC",
      "DISCARD",
      "ACL: +@all ~*",
      "WATCH k",
      "MULTI",
      "SET k w",
      "INCR a",
      "ACL: +@all ~a*",
      "EXEC",
      "ACL: +@all ~*",
      "GET k",
    ],
  },
  {
    name: "scripts",
    steps: [
      "ACL: +@all -incr -config|set ~a* &c",
      "EVAL|return redis.call('incr', 'a')|0",
      "EVAL|return redis.pcall('incr', 'a')|0",
      "EVAL|return redis.pcall('incr')|0",
      "EVAL|return redis.pcall('incr', 'a')['err']|0",
      "EVAL|return redis.pcall('get', 'b')['err']|0",
      "EVAL|return redis.pcall('get', KEYS[1])['err']|1|b",
      "EVAL|return redis.pcall('config', 'set', 'hz', '10')['err']|0",
      "EVAL|return redis.pcall('publish', 'd', 'm')['err']|0",
      "EVAL|return redis.call('publish', 'c', 'm')|0",
      "EVAL|return redis.call('set', 'a', 'v')|0",
      "EVAL|return redis.pcall('subscribe', 'd')['err']|0",
      "EVAL|return redis.pcall('sort', 'a', 'by', 'x*')['err']|0",
      "EVAL|return redis.pcall('sort', 'a', 'get', 'x*')['err']|0",
      "EVAL_RO|return redis.pcall('incr', 'a')['err']|0",
      "EVAL_RO|return redis.pcall('set', 'a', 'b')['err']|0",
      "EVAL|#!lua flags=no-writes\nreturn redis.pcall('incr', 'a')['err']|0",
      "EVAL|return redis.acl_check_cmd('get', 'a')|0",
      "EVAL|return tostring(redis.acl_check_cmd('get', 'b'))|0",
      "EVAL|return tostring(redis.acl_check_cmd('incr', 'a'))|0",
      "EVAL|return tostring(redis.acl_check_cmd('get'))|0",
      "EVAL|return tostring(redis.acl_check_cmd('config', 'set', 'a'))|0",
      "EVAL|return tostring(redis.acl_check_cmd('config', 'get', 'a'))|0",
      "EVAL|return tostring(redis.acl_check_cmd('config'))|0",
      "EVAL|return tostring(redis.acl_check_cmd('publish', 'c', 'x'))|0",
      "EVAL|return tostring(redis.acl_check_cmd('psubscribe', 'c*'))|0",
      "EVAL|return redis.acl_check_cmd('nosuch')|0",
      "EVAL|return redis.acl_check_cmd('config', 'nosuch')|0",
      "EVAL|return redis.acl_check_cmd()|0",
      "EVAL|return redis.acl_check_cmd({})|0",
      `FUNCTION|LOAD|${LIBRARY}`,
      "FCALL|f|0",
      "FCALL|f|1|a",
      "FCALL|f|1|b",
      "FCALL_RO|f|1|b",
      "ACL: +@all -fcall -eval -script|load ~* &*",
      "FCALL|f|1|a",
      "EVAL|return 1|0",
      "SCRIPT|LOAD|return 1",
    ],
  },
  {
    name: "SORT",
    steps: [
      "ACL: +@all ~l*",
      "RPUSH l 1 2",
      "SORT l BY x*",
      "SORT l BY nosort",
      "SORT l GET #",
      "SORT l BY x* GET #",
      "SORT l GET # BY x*",
      "SORT_RO l GET x*",
      "SORT l LIMIT a b GET #",
      "SORT l GET",
      "ACL: +@all ~l* %R~*",
      "SORT l BY x* GET # GET y*",
      "SORT l BY x* STORE l2",
      "SORT l BY x* STORE m",
      "ACL: +@all ~l* %W~*",
      "SORT l GET #",
    ],
  },
];

function wordsOf(step: Step): string[] {
  return step.includes("|") ? step.split("|") : step.split(" ");
}

/** A reply as plain data; of INFO only what is compared. */
function plain(reply: Reply): unknown {
  if (reply instanceof RespError) return { error: reply.message };
  return Array.isArray(reply) ? reply.map(plain) : reply;
}

/** Refused and failed calls of each command, and the counted errors. */
function statistics(info: string): string[] {
  return info
    .split("\r\n")
    .flatMap((line) => {
      const calls = /^(cmdstat_.*):calls=(\d+),.*(rejected_calls=.*)$/.exec(line);
      if (calls !== null) return `${calls[1]} calls=${calls[2]} ${calls[3]}`;
      return /^(errorstat_|acl_access_denied)/.test(line) ? line : [];
    })
    .filter((line) => !/cmdstat_(info|acl|auth)/.test(line))
    .sort();
}

interface Side {
  run(...words: readonly string[]): Promise<Reply>;
  /** Sets the permissions of `default`. */
  allow(words: readonly string[]): Promise<void>;
  /** Statistics, without being counted among the commands of `default`. */
  info(): Promise<string>;
  reset(): Promise<void>;
}

async function referenceSide(server: ServerProcess): Promise<Side> {
  const admin: RespClient = await server.connect();
  await admin.call("ACL", "SETUSER", "admin", "on", "nopass", "+@all", "~*", "&*");
  await admin.call("AUTH", "admin", "x");
  let client = await server.connect();
  return {
    run: (...words) => client.call(...words),
    allow: async (words) => {
      const reply = await admin.call("ACL", "SETUSER", "default", "reset", "on", "nopass", ...words);
      if (reply !== "OK") throw new Error(`ACL SETUSER: ${String(reply)}`);
    },
    info: async () => String(await admin.call("INFO", "everything")),
    reset: async () => {
      client.destroy();
      await admin.call("FLUSHALL");
      await admin.call("FUNCTION", "FLUSH");
      await admin.call("CONFIG", "RESETSTAT");
      client = await server.connect();
    },
  };
}

function ourSide(worker: TestWorker): Side {
  const rules = new TestRules();
  rules.set("admin", "+@all", "~*", "&*");
  worker.server.setAccessRules(rules);
  const admin = worker.connect();
  const [session] = worker.server.sessions.values();
  if (session === undefined) throw new Error("no session");
  session.client.user = "admin";
  let client: TestClient = worker.connect();
  return {
    run: (...words) => client.run(...words),
    allow: async (words) => rules.set("default", ...words),
    info: async () => String(await admin.run("INFO", "everything")),
    reset: async () => {
      client.close();
      await admin.run("FLUSHALL");
      await admin.run("FUNCTION", "FLUSH");
      await admin.run("CONFIG", "RESETSTAT");
      client = worker.connect();
    },
  };
}

/** The words of `ACL:`, those in parentheses together. */
function permissionsOf(step: Step): string[] {
  return step.slice(4).match(/\([^)]*\)|\S+/g) ?? [];
}

const version = referenceVersion();
const skip = version?.[0] === 7 && version[1] === 2 ? false : "no redis-server 7.2 (set REDIS_SERVER)";

t.test("permissions as in redis-server", { skip }, async (t) => {
  const server = await startReference({ t });
  if (server === null) throw new Error("redis-server does not start");
  const sides = [await referenceSide(server), ourSide(await startWorker(t))] as const;
  let steps = 0;
  for (const { name, steps: list } of CASES) {
    for (const side of sides) await side.reset();
    for (const step of list) {
      if (step.startsWith("ACL:")) {
        for (const side of sides) await side.allow(permissionsOf(step));
        continue;
      }
      const [theirs, ours] = await Promise.all(sides.map((side) => side.run(...wordsOf(step))));
      // What is told of a value is not the same; whether it is told is.
      const isAbout = /^(DEBUG OBJECT|MEMORY)/.test(step) && !(theirs instanceof RespError);
      if (isAbout) continue;
      t.same(plain(ours as Reply), plain(theirs as Reply), `${name}: ${step}`);
      steps++;
    }
    const [theirs, ours] = await Promise.all(sides.map((side) => side.info()));
    t.same(statistics(ours as string), statistics(theirs as string), `${name}: statistics`);
  }
  t.comment(`${steps} replies compared`);
});
