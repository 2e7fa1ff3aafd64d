/**
 * Throws broken and hostile byte streams at a server, one connection each, while well-behaved clients work beside it and
 * memory is watched. Seeded: the same seed gives the same streams.
 */
import { connect } from "node:net";
import { anonymousBytes, isAlive } from "../../support/proc-facts.ts";
import { encodeCommand } from "../../support/resp-client.ts";
import { SeededRandom } from "../../support/seeded-random.ts";
import type { ServerProcess } from "../../support/server.ts";

export interface HostileResult {
  streams: number;
  /** Streams that the server ended, with or without an error reply. */
  closedByServer: number;
  errorReplies: number;
  /** Exchanges of the well-behaved clients meanwhile, and the longest of them. */
  served: number;
  longestExchangeMs: number;
  memoryBeforeBytes: number;
  memoryPeakBytes: number;
  memoryAfterBytes: number;
  violations: string[];
}

type Stream = (r: SeededRandom) => Buffer;

const NUMBERS = [
  "-1",
  "-2",
  "0",
  "1",
  "2",
  "3",
  "64",
  "1024",
  "1048576",
  "1048577",
  "2147483647",
  "2147483648",
  "4294967296",
  "536870912",
  "536870913",
  "9223372036854775807",
  "18446744073709551616",
  "",
  "abc",
  "1.5",
  "+1",
  " 1",
  "1 ",
  "0x10",
  "99999999999999999999999",
  "1e5",
  "-",
  "\0",
];
const ENDS = ["\r\n", "\n", "\r", "", "\r\n\r\n", "\n\r", "\0\r\n"];

function latin1(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

/** A command that harms nobody: its keys all begin with "h:". */
function command(r: SeededRandom): string[] {
  const key = `h:${r.between(0, 50)}`;
  const text = r.chance(0.5) ? r.bytes(r.between(0, 40)) : String(r.between(-100, 100));
  return r.pick([
    ["SET", key, text],
    ["GET", key],
    ["INCR", key],
    ["MGET", key, key, key],
    ["SETRANGE", key, String(r.between(0, 100)), text],
    ["PING", text],
    ["ECHO", text],
    ["EXPIRE", key, text],
    ["MULTI"],
    ["EXEC"],
    ["WATCH", key],
    ["HELLO", r.pick(["2", "3", "4", text])],
    ["CLIENT", "SETNAME", text],
    ["SCAN", text],
    ["BITFIELD", key, "INCRBY", "u8", "0", text],
    ["OBJECT", "ENCODING", key],
    [text, text],
  ]);
}

function encoded(r: SeededRandom, most: number): Buffer {
  const commands = Array.from({ length: r.between(1, most) }, () => command(r));
  return Buffer.concat(commands.map((words) => encodeCommand(words.map((word) => latin1(word)))));
}

const STREAMS: Readonly<Record<string, Stream>> = {
  randomBytes: (r) => latin1(r.bytes(r.between(1, 300))),
  randomText: (r) =>
    latin1(
      Array.from({ length: r.between(1, 20) }, () =>
        r.pick(["*", "$", ":", "+", "-", "_", "%", "~", "\r\n", "\n", "1", "9", "GET", '"', "'", " ", "\0"]),
      ).join(""),
    ),
  wrongCount: (r) => Buffer.concat([latin1(`*${r.pick(NUMBERS)}${r.pick(ENDS)}`), encoded(r, 2)]),
  wrongLength: (r) => latin1(`*2\r\n$3\r\nGET\r\n$${r.pick(NUMBERS)}${r.pick(ENDS)}${r.bytes(r.between(0, 50))}\r\n`),
  lyingLength: (r) => latin1(`*2\r\n$4\r\nECHO\r\n$${r.between(0, 20)}\r\n${r.bytes(r.between(0, 20))}${r.pick(ENDS)}`),
  truncated: (r) => {
    const whole = encoded(r, 4);
    return whole.subarray(0, r.between(1, Math.max(1, whole.length - 1)));
  },
  mutated: (r) => {
    const bytes = encoded(r, 4);
    for (let i = r.between(1, 4); i > 0; i--) bytes[r.between(0, bytes.length - 1)] = r.between(0, 255);
    return bytes;
  },
  interleaved: (r) => {
    const parts = Array.from({ length: r.between(2, 8) }, () =>
      r.chance(0.5) ? encoded(r, 2) : latin1(`${command(r).join(" ")}${r.pick(ENDS)}`),
    );
    return Buffer.concat(parts);
  },
  promiseMuch: (r) => latin1(`*${r.pick(["1048576", "1024", "100000"])}\r\n${"$1\r\nx\r\n".repeat(r.between(0, 200))}`),
  promiseBig: (r) =>
    latin1(
      `*3\r\n$3\r\nSET\r\n$3\r\nh:x\r\n$${r.pick(["536870912", "100000000", "70000"])}\r\n${"x".repeat(r.between(0, 5000))}`,
    ),
  endlessInline: (r) => latin1(r.pick(["a", " ", '"', "\0", "a b "]).repeat(r.between(10_000, 70_000))),
  endlessNumber: (r) =>
    latin1(`${r.pick(["*", "*1\r\n$"])}${r.pick(["1", "0", " ", "-"]).repeat(r.between(100, 70_000))}`),
  emptyLines: (r) => latin1(r.pick(["\r\n", "\n", "*0\r\n", "*-1\r\n"]).repeat(r.between(1, 500))),
  quotes: (r) =>
    latin1(`SET h:q ${r.pick(['"', "'", '"\\x', '"\\', '"a"b', "'a'b"])}${r.bytes(r.between(0, 20))}${r.pick(ENDS)}`),
  otherTypes: (r) =>
    latin1(
      `${r.pick(["%", "~", ">", "(", ",", "#", "=", "!", "|", "_", ":", "+", "-"])}${r.pick(NUMBERS)}\r\n${r.bytes(10)}\r\n`,
    ),
  nested: (r) => latin1("*1\r\n".repeat(r.between(1, 2000))),
  http: (r) =>
    latin1(
      r.pick([
        "POST / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "Host: x\r\nSET h:evil 1\r\n",
      ]),
    ),
  strangeNames: (r) =>
    encodeCommand([
      latin1(
        r.pick([
          "%s%n",
          "__proto__",
          "constructor",
          "toString",
          "hasOwnProperty",
          "",
          "\0",
          "GET\r\nSET",
          "a".repeat(5000),
        ]),
      ),
      latin1(r.bytes(r.between(0, 100))),
    ]),
  manyArguments: (r) =>
    encodeCommand(["MGET", ...Array.from({ length: r.between(1000, 5000) }, (_, index) => `h:${index}`)]),
  halfTransaction: (r) =>
    Buffer.concat([encodeCommand(["MULTI"]), encoded(r, 5), latin1(r.pick(["*", "*1\r\n$4\r\nEX", "*1\r\n$-5\r\n"]))]),
};

/** One stream on a connection of its own; what came back, and whether the server hung up first. */
function throwStream(port: number, bytes: Buffer, split: number): Promise<{ error: boolean; closed: boolean }> {
  return new Promise((resolve) => {
    let error = false;
    let closed = false;
    const socket = connect(port, "127.0.0.1");
    const timer = setTimeout(() => finish(), 2000);
    const finish = (): void => {
      clearTimeout(timer);
      // A reset instead of an orderly close: no TIME_WAIT, so that 100,000 connections do not use up the ports.
      socket.resetAndDestroy();
      resolve({ error, closed });
    };
    socket.on("connect", () => {
      socket.write(bytes.subarray(0, split));
      if (split < bytes.length) setImmediate(() => socket.writable && socket.write(bytes.subarray(split)));
      setImmediate(() => socket.writable && socket.end());
    });
    socket.on("data", (chunk) => {
      error ||= chunk.includes("-ERR");
      if (chunk.includes("-ERR Protocol error")) closed = true;
    });
    socket.on("error", () => finish());
    socket.on("end", () => finish());
  });
}

export interface HostileOptions {
  readonly streams: number;
  readonly seed: number;
  readonly concurrency: number;
  /** How much the server's own memory may have grown at the end. */
  readonly maxGrowthBytes: number;
}

export async function throwHostileInput(server: ServerProcess, options: HostileOptions): Promise<HostileResult> {
  const result: HostileResult = {
    streams: 0,
    closedByServer: 0,
    errorReplies: 0,
    served: 0,
    longestExchangeMs: 0,
    memoryBeforeBytes: anonymousBytes(server.pids()),
    memoryPeakBytes: 0,
    memoryAfterBytes: 0,
    violations: [],
  };
  const pidsBefore = server.workerPids();
  let finished = false;
  const wellBehaved = async (index: number): Promise<void> => {
    const client = await server.connect({ timeoutMs: 10_000 });
    try {
      for (let i = 0; !finished; i++) {
        const start = performance.now();
        await client.ok("SET", `good:${index}`, i);
        if ((await client.ok("GET", `good:${index}`)) !== String(i)) result.violations.push(`good:${index} is wrong`);
        result.longestExchangeMs = Math.max(result.longestExchangeMs, performance.now() - start);
        result.served++;
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    } catch (error) {
      result.violations.push(`a well-behaved client failed: ${(error as Error).message}`);
    }
    client.destroy();
  };
  const beside = [0, 1, 2, 3].map(wellBehaved);
  const random = new SeededRandom(options.seed);
  const makers = Object.values(STREAMS);
  const attack = async (): Promise<void> => {
    while (result.streams < options.streams) {
      result.streams++;
      const bytes = random.pick(makers)(random);
      const split = random.chance(0.3) ? random.between(0, bytes.length) : bytes.length;
      const { error, closed } = await throwStream(server.port, bytes, split);
      if (error) result.errorReplies++;
      if (closed) result.closedByServer++;
      if (result.streams % 500 === 0) {
        result.memoryPeakBytes = Math.max(result.memoryPeakBytes, anonymousBytes(server.pids()));
      }
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, attack));
  finished = true;
  await Promise.all(beside);
  const client = await server.connect();
  if ((await client.call("PING")) !== "PONG") result.violations.push("PING is not answered at the end");
  client.destroy();
  result.memoryAfterBytes = anonymousBytes(server.pids());
  const growth = result.memoryAfterBytes - result.memoryBeforeBytes;
  if (growth > options.maxGrowthBytes) result.violations.push(`memory grew by ${growth} bytes`);
  const dead = pidsBefore.filter((pid) => !isAlive(pid));
  if (dead.length > 0) result.violations.push(`workers ${dead.join(", ")} died`);
  return result;
}
