/** The Connection port on real sockets, driven directly and by the public API alone. */
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Connection, ConnectionHandler } from "@keydb-ts/core";
import { ClientListener } from "@keydb-ts/proc-shard";
import t, { type Test } from "tap";
import { rawHandleOf } from "../../packages/proc-shard/src/transport/raw-handle.ts";
import { waitUntil } from "../support/wait-until.ts";

/** Records what the transport tells the engine. */
class Recorder implements ConnectionHandler {
  readonly connection: Connection;
  readonly events: string[] = [];
  /** What came, counted; the first bytes as text. */
  length = 0;
  text = "";

  constructor(connection: Connection) {
    this.connection = connection;
  }
  onData(chunk: Buffer, start: number, end: number): void {
    this.length += end - start;
    if (this.text.length < 100) this.text += chunk.toString("latin1", start, Math.min(end, start + 100));
  }
  onEnd(): void {
    this.events.push("end");
  }
  onDrain(): void {
    this.events.push("drain");
  }
  onClose(): void {
    this.events.push("close");
  }
}

interface Setup {
  readonly listener: ClientListener;
  readonly recorders: Recorder[];
  connect(): Promise<{ client: Socket; recorder: Recorder }>;
}

async function setUp(t: Test, mode: "direct" | "public", where: "tcp" | "unix", refuse = false): Promise<Setup> {
  const recorders: Recorder[] = [];
  const path = join(tmpdir(), `listener-${process.pid}-${Math.random().toString(36).slice(2)}`);
  const listener = new ClientListener({
    accept: (connection) => {
      if (refuse) {
        connection.write(Buffer.from("-ERR no\r\n"), 0, 9);
        return null;
      }
      const recorder = new Recorder(connection);
      recorders.push(recorder);
      return recorder;
    },
    adopt: () => null,
    handOver: () => t.fail("nobody moves a client here"),
    unixPath: () => path,
    onAcceptError: (text) => t.fail(text),
  });
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => listener.openPublic(socket));
  await new Promise<void>((resolve) => {
    if (where === "unix") server.listen(path, resolve);
    else server.listen(0, "127.0.0.1", resolve);
  });
  if (mode === "direct") {
    const handle = rawHandleOf(server);
    if (handle === null) throw new Error("this Node hides its handles");
    handle.onconnection = (_status, client) => {
      if (client !== undefined) listener.adoptClient(client, where === "unix");
    };
  }
  t.teardown(async () => {
    server.close();
    await listener.closeAll(0);
  });
  return {
    listener,
    recorders,
    async connect() {
      const address = server.address();
      const client =
        typeof address === "object" && address !== null ? connect(address.port, "127.0.0.1") : connect(path);
      t.teardown(() => client.destroy());
      const before = recorders.length;
      await new Promise((resolve) => client.once("connect", resolve));
      if (refuse) return { client, recorder: new Recorder({} as Connection) };
      return { client, recorder: await waitUntil("accept", () => recorders[before] ?? null) };
    },
  };
}

function collect(client: Socket): { bytes: () => number; ended: () => boolean; text: () => string } {
  let bytes = 0;
  let ended = false;
  let text = "";
  client.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (text.length < 100) text += chunk.toString("latin1");
  });
  client.on("end", () => {
    ended = true;
  });
  return { bytes: () => bytes, ended: () => ended, text: () => text };
}

for (const mode of ["direct", "public"] as const) {
  t.test(`${mode}: facts, bytes both ways`, async (t) => {
    const { connect } = await setUp(t, mode, "tcp");
    const { client, recorder } = await connect();
    const { connection } = recorder;
    t.equal(connection.remoteAddress, `127.0.0.1:${client.localPort}`);
    t.equal(connection.localAddress, `127.0.0.1:${client.remotePort}`);
    t.equal(connection.isLoopback, true);
    t.equal(connection.isUnix, false);
    t.equal(connection.fd > 0, mode === "direct");
    connection.setKeepAlive(300);
    client.write("hello");
    await waitUntil("the bytes", () => recorder.text === "hello");
    const got = collect(client);
    const reused = Buffer.from("xxONExx");
    connection.write(reused, 2, 5);
    reused.fill("-");
    connection.write(Buffer.from("TWO"), 0, 3);
    await waitUntil("the reply", () => got.text() === "ONETWO");
    t.equal(connection.pendingBytes, 0);
  });

  t.test(`${mode}: unix socket`, async (t) => {
    const { connect } = await setUp(t, mode, "unix");
    const { recorder } = await connect();
    t.match(recorder.connection.remoteAddress, /^\/.*listener-.*:0$/);
    t.equal(recorder.connection.isUnix, true);
    t.equal(recorder.connection.isLoopback, true);
  });

  t.test(`${mode}: a slow reader gets everything, in order, and is told of the drain`, async (t) => {
    const { connect } = await setUp(t, mode, "tcp");
    const { client, recorder } = await connect();
    client.pause();
    const total = 24 << 20;
    const block = Buffer.alloc(1 << 20);
    let tookAll = true;
    for (let at = 0; at < total; at += block.length) {
      for (let i = 0; i < block.length; i += 4) block.writeUInt32LE((at + i) >>> 0, i);
      tookAll = recorder.connection.write(block, 0, block.length) && tookAll;
    }
    t.equal(tookAll, false);
    const kept = recorder.connection.pendingBytes;
    t.ok(kept > 0 && kept <= total, `${kept} bytes kept`);
    let at = 0;
    let wrong = 0;
    let rest = Buffer.alloc(0);
    client.on("data", (chunk: Buffer) => {
      const bytes = Buffer.concat([rest, chunk]);
      let i = 0;
      for (; i + 4 <= bytes.length; i += 4, at += 4) if (bytes.readUInt32LE(i) !== at) wrong++;
      rest = Buffer.from(bytes.subarray(i));
    });
    client.resume();
    await waitUntil("all bytes", () => at === total);
    t.equal(wrong, 0);
    await waitUntil("the drain", () => recorder.events.includes("drain"));
    t.equal(recorder.connection.pendingBytes, 0);
    t.same(recorder.events, ["drain"]);
  });

  t.test(`${mode}: end sends what is pending, then FIN`, async (t) => {
    const { connect } = await setUp(t, mode, "tcp");
    const { client, recorder } = await connect();
    client.pause();
    const block = Buffer.alloc(8 << 20, 97);
    recorder.connection.write(block, 0, block.length);
    recorder.connection.end();
    t.equal(recorder.connection.isClosing, true);
    t.equal(recorder.connection.write(block, 0, 10), true, "later writes go nowhere");
    const got = collect(client);
    client.resume();
    await waitUntil("the end", () => got.ended());
    t.equal(got.bytes(), block.length);
    await waitUntil("the close", () => recorder.events.includes("close"));
    t.equal(recorder.connection.fd, -1);
  });

  t.test(`${mode}: destroy closes later, never inside the call`, async (t) => {
    const { connect, listener } = await setUp(t, mode, "tcp");
    const { client, recorder } = await connect();
    recorder.connection.destroy();
    t.same(recorder.events, []);
    await waitUntil("the close", () => recorder.events.length > 0);
    t.same(recorder.events, ["close"]);
    t.equal(listener.connections.size, 0);
    client.on("error", () => undefined);
    recorder.connection.destroy();
    recorder.connection.end();
    t.equal(recorder.connection.write(Buffer.from("x"), 0, 1), true);
    t.same(recorder.events, ["close"]);
  });

  t.test(`${mode}: half close is told, replies still go out`, async (t) => {
    const { connect } = await setUp(t, mode, "tcp");
    const { client, recorder } = await connect();
    const got = collect(client);
    client.end("PING");
    await waitUntil("the end", () => recorder.events.includes("end"));
    t.equal(recorder.text, "PING");
    recorder.connection.write(Buffer.from("PONG"), 0, 4);
    recorder.connection.end();
    await waitUntil("the reply", () => got.ended());
    t.equal(got.text(), "PONG");
    await waitUntil("the close", () => recorder.events.includes("close"));
    t.same(recorder.events, ["end", "close"]);
  });

  t.test(`${mode}: a reset connection is told once`, async (t) => {
    const { connect } = await setUp(t, mode, "tcp");
    const { client, recorder } = await connect();
    client.resetAndDestroy();
    await waitUntil("the close", () => recorder.events.includes("close"));
    t.same(recorder.events, ["close"]);
    t.equal(recorder.connection.write(Buffer.from("x"), 0, 1), true);
  });

  t.test(`${mode}: pause holds the peer back`, async (t) => {
    const { connect } = await setUp(t, mode, "tcp");
    const { client, recorder } = await connect();
    client.write("a");
    await waitUntil("the first byte", () => recorder.length === 1);
    recorder.connection.pause();
    const block = Buffer.alloc(1 << 20);
    for (let i = 0; i < 16; i++) client.write(block);
    const written = await waitUntil("the peer's buffers to fill", () =>
      client.writableLength > 0 ? recorder.length : null,
    );
    // The public stream hands over one chunk that it had read before the pause.
    t.ok(written <= 1 + 64 * 1024, `${written} bytes came`);
    recorder.connection.resume();
    await waitUntil("the rest", () => recorder.length === 1 + 16 * block.length);
    t.pass("all came after resume");
  });

  t.test(`${mode}: a refused client gets the reason`, async (t) => {
    const { connect, listener } = await setUp(t, mode, "tcp", true);
    const { client } = await connect();
    const got = collect(client);
    await waitUntil("the end", () => got.ended());
    t.equal(got.text(), "-ERR no\r\n");
    await waitUntil("the close", () => listener.connections.size === 0);
  });

  t.test(`${mode}: closeAll cuts those that do not read`, async (t) => {
    const { connect, listener } = await setUp(t, mode, "tcp");
    const { client, recorder } = await connect();
    const other = await connect();
    client.pause();
    const block = Buffer.alloc(16 << 20);
    recorder.connection.write(block, 0, block.length);
    client.on("error", () => undefined);
    await listener.closeAll(100);
    t.same([recorder.events, other.recorder.events], [["close"], ["close"]]);
  });
}
