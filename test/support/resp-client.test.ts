import { type AddressInfo, createServer, type Socket } from "node:net";
import t from "tap";
import { RespClient, RespError } from "./resp-client.ts";
import { decodeFrame, FrameScanner } from "./resp-frames.ts";

t.test("frames are found and decoded at any cut of the stream", async (t) => {
  const stream =
    "+OK\r\n-ERR no\r\n:42\r\n:9223372036854775807\r\n$5\r\na\r\nb\0\r\n$-1\r\n*-1\r\n*2\r\n:1\r\n*1\r\n$0\r\n\r\n" +
    "_\r\n#t\r\n,3.14\r\n(12345678901234567890\r\n=8\r\ntxt:some\r\n%1\r\n+k\r\n:1\r\n~2\r\n:1\r\n:2\r\n!3\r\nBAD\r\n" +
    ">2\r\n+a\r\n+b\r\n|1\r\n+ttl\r\n:1\r\n+after\r\n";
  const expected = [
    "OK",
    new RespError("ERR no"),
    42,
    9223372036854775807n,
    "a\r\nb\0",
    null,
    null,
    [1, [""]],
    null,
    true,
    { double: "3.14" },
    { bigNumber: "12345678901234567890" },
    { verbatim: "txt", text: "some" },
    new Map([["k", 1]]),
    new Set([1, 2]),
    new RespError("BAD"),
    ["a", "b"],
    "after",
  ];
  const bytes = Buffer.from(stream, "latin1");
  for (const size of [1, 2, 3, 7, 50, bytes.length]) {
    const scanner = new FrameScanner();
    const frames: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      scanner.push(bytes.subarray(at, at + size));
      for (let frame = scanner.next(); frame !== null; frame = scanner.next()) frames.push(Buffer.from(frame));
    }
    t.same(frames.map(decodeFrame), expected, `cut every ${size} bytes`);
    t.same(Buffer.concat(frames), bytes);
    t.equal(scanner.rest.length, 0);
  }
  const scanner = new FrameScanner();
  scanner.push(Buffer.from("hello\r\n"));
  t.throws(() => scanner.next(), /bad RESP/);
});

t.test("the client keeps order, sets pushes apart, and tells when the connection is lost", async (t) => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("data", (chunk) => {
      if (chunk.includes("QUIT")) socket.end("+BYE\r\n");
      else if (chunk.includes("PUSH")) socket.write(">1\r\n+news\r\n:7\r\n");
      else socket.write("+one\r\n-ERR two\r\n".slice(0, chunk.includes("PAIR") ? undefined : 6));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const client = await RespClient.connect({ port, timeoutMs: 5000 });
  t.equal(await client.call("X"), "one");
  t.equal(await client.call("PUSH"), 7);
  t.same(client.pushes, [["news"]]);
  t.same(await client.pipeline([["PAIR"], ["PAIR"]]), ["one", new RespError("ERR two")]);
  t.equal(await client.call("QUIT"), "BYE");
  await client.closed;
  t.notOk(client.isOpen);
  await t.rejects(client.call("X"), { name: "ConnectionLost" });

  const silent = await RespClient.connect({ port, timeoutMs: 50 });
  await t.rejects(silent.read(), /no reply within 50 ms/);
  await t.rejects(RespClient.connect({ port: 1 }));
});
