/** `maxmemory-clients` over processes, and replies that pass the output limit. */
import t from "tap";
import type { RespClient } from "../support/resp-client.ts";
import { connectEach, connectTo, startServer, workerOf } from "../support/server.ts";
import type { ServerProcess, Teardown } from "../support/server-process.ts";
import { waitUntil } from "../support/wait-until.ts";

// Starts of servers take long on a loaded machine.
t.setTimeout(180_000);

const KB = 1024;

interface Setup {
  readonly server: ServerProcess;
  readonly control: RespClient;
  /** One per worker. */
  readonly workers: readonly number[];
}

async function setUp(t: Teardown, config: Record<string, string | number> = {}): Promise<Setup> {
  const server = await startServer({ processes: 2, t, config: { "active-client-balancing": "no", ...config } });
  const each = await connectEach(server, 2);
  const workers = await Promise.all(each.map((client) => workerOf(server, client)));
  const [control, other] = each as [RespClient, RespClient];
  await other.close();
  await control.ok("CLIENT", "NO-EVICT", "on");
  return { server, control, workers };
}

async function totalMemory(asker: RespClient, name: string): Promise<number> {
  const list = String(await asker.ok("CLIENT", "LIST"));
  return Number(new RegExp(`name=${name} .* tot-mem=(\\d+)`).exec(list)?.[1] ?? 0);
}

async function evicted(asker: RespClient): Promise<number> {
  return Number(/evicted_clients:(\d+)/.exec(String(await asker.ok("INFO", "stats")))?.[1]);
}

/** Sends the beginning of a command: so many bytes stay in the query buffer. */
async function fill(client: RespClient, control: RespClient, name: string, bytes: number): Promise<void> {
  await client.ok("CLIENT", "SETNAME", name);
  client.sendRaw(`*1\r\n$${bytes}\r\n`);
  client.sendRaw(Buffer.alloc(bytes - 1, "v"));
  await waitUntil(`${name} has sent`, async () => (await totalMemory(control, name)) >= bytes);
}

t.test("the largest client of all processes goes first, until the rest is below the limit", async (t) => {
  const { server, control, workers } = await setUp(t);
  const sizes = [300, 900, 500, 700, 200, 800];
  const clients: RespClient[] = [];
  for (const [i, size] of sizes.entries()) {
    const client = await connectTo(server, workers[i % 2] as number);
    await fill(client, control, `c${size}`, size * KB);
    clients.push(client);
  }
  t.equal(await evicted(control), 0);
  const left = async (): Promise<number[]> => {
    const list = String(await control.ok("CLIENT", "LIST"));
    return sizes.filter((size) => list.includes(`name=c${size} `)).sort((a, b) => a - b);
  };
  for (const [limit, rest] of [
    [3600, sizes],
    [2200, [200, 300, 500, 700]],
    [1100, [200, 300, 500]],
    [250, [200]],
  ] as const) {
    await control.ok("CONFIG", "SET", "maxmemory-clients", `${limit}kb`);
    await waitUntil(`eviction down to ${limit} kb`, async () => (await left()).length === rest.length);
    t.same(
      await left(),
      rest.toSorted((a, b) => a - b),
      `${limit} kb`,
    );
  }
  t.equal(await evicted(control), 5);
  await clients[1]?.closed;
  t.match(server.output, /Evicting client: id=\d+ .*name=c900 /);
  const inInfo = /mem_clients_normal:(\d+)/.exec(String(await control.ok("INFO", "memory")))?.[1];
  t.ok(Number(inInfo) > 200 * KB && Number(inInfo) < 250 * KB, "INFO shows what all clients take");
});

t.test("a client is cut off whatever its memory is spent on, if it may be", async (t) => {
  const { server, control, workers } = await setUp(t);
  const elsewhere = (): Promise<RespClient> => connectTo(server, workers[1] as number);
  await control.ok("CONFIG", "SET", "maxmemory-clients", "200kb");
  const untilCut = async (client: RespClient, send: (i: number) => Promise<unknown>): Promise<number> => {
    for (let i = 0; i < 5000; i++) {
      if (
        await send(i).then(
          () => false,
          () => true,
        )
      )
        return i;
    }
    client.destroy();
    return 5000;
  };
  const cases: Record<string, (client: RespClient) => (i: number) => Promise<unknown>> = {
    "queued commands": (client) => (i) => (i === 0 ? client.ok("MULTI") : client.ok("SET", "k", "v".repeat(9000))),
    "watched keys": (client) => (i) => client.ok("WATCH", ...Array.from({ length: 50 }, (_, n) => `w${i}-${n}`)),
    subscriptions: (client) => async (i) => {
      const names = Array.from({ length: 100 }, (_, n) => `p${i}-${n}`);
      client.sendRaw(`PSUBSCRIBE ${names.join(" ")}\r\n`);
      for (const _ of names) await client.read();
    },
    "tracking prefixes": (client) => (i) => {
      const prefixes = Array.from({ length: 100 }, (_, n) => ["PREFIX", `${n}:${String(i).padStart(5, "0")}:`]);
      return client.ok("CLIENT", "TRACKING", "ON", "BCAST", ...prefixes.flat());
    },
  };
  for (const [name, spend] of Object.entries(cases)) {
    const client = await elsewhere();
    if (name === "tracking prefixes") await client.ok("HELLO", 3);
    const before = await evicted(control);
    const sent = await untilCut(client, spend(client));
    t.ok(sent > 1 && sent < 5000, `${name}: cut off after ${sent}`);
    t.equal(await evicted(control), before + 1);
  }
  const kept = await elsewhere();
  await kept.ok("CLIENT", "NO-EVICT", "on");
  await fill(kept, control, "kept", 400 * KB);
  await waitUntil("the log tells", () => server.output.includes("Over client maxmemory after evicting all evictable"));
  t.ok((await totalMemory(control, "kept")) > 400 * KB);
});

t.test("a percentage of maxmemory; no limit without maxmemory", async (t) => {
  const { server, control, workers } = await setUp(t);
  await control.ok("CONFIG", "SET", "maxmemory-clients", "5%");
  const client = await connectTo(server, workers[1] as number);
  await fill(client, control, "big", 600 * KB);
  t.equal(await evicted(control), 0);
  await control.ok("CONFIG", "SET", "maxmemory", "10mb");
  await client.closed;
  t.equal(await evicted(control), 1);
  t.same(await control.ok("CONFIG", "GET", "maxmemory-clients"), ["maxmemory-clients", "5%"]);
});

t.test("a reply over the hard output limit is not sent; a read stops when it passes it", async (t) => {
  const { server, control, workers } = await setUp(t, { "client-output-buffer-limit": "normal 100000 0 0" });
  await control.ok("RPUSH", "list", ...Array.from({ length: 150 }, () => "x".repeat(1000)));
  await control.ok("HSET", "hash", "field", "value");
  const cut = async (...commands: readonly (readonly string[])[]): Promise<void> => {
    const client = await connectTo(server, workers[1] as number);
    await t.rejects(client.pipeline(commands), { name: "ConnectionLost" }, `${commands.at(-1)}`);
  };
  await cut(["LRANGE", "list", "0", "-1"]);
  // Would take hours, and more memory than there is.
  await cut(["HRANDFIELD", "hash", "-999999999"]);
  await cut(["MULTI"], ["SET", "first", "1"], ["LRANGE", "list", "0", "-1"], ["SET", "second", "2"], ["EXEC"]);
  t.same(await control.ok("MGET", "first", "second"), ["1", "2"], "a transaction runs to its end");
  const told = /Client id=\d+ .* scheduled to be closed ASAP for overcoming of output buffer limits/g;
  await waitUntil("the log tells", () => server.output.match(told)?.length === 3);
  const sent = Number(/total_net_output_bytes:(\d+)/.exec(String(await control.ok("INFO", "stats")))?.[1]);
  t.ok(sent < 100_000, "what was not sent does not count");
});
