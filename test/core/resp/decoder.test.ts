import t from "tap";
import { ProtocolError } from "../../../packages/core/src/base/errors.ts";
import { Args } from "../../../packages/core/src/resp/args.ts";
import { DECODED, RequestDecoder, RequestInput } from "../../../packages/core/src/resp/decoder.ts";

const MAX_BULK = 512 * 1024 * 1024;

function decoderFor(): { args: Args; decoder: RequestDecoder } {
  const args = new Args();
  return { args, decoder: new RequestDecoder(args, MAX_BULK) };
}

function inputOf(text: string | Buffer): RequestInput {
  const input = new RequestInput();
  input.buffer = typeof text === "string" ? Buffer.from(text, "latin1") : text;
  input.end = input.buffer.length;
  return input;
}

/** All commands of the input as arrays of latin1 texts, then what is left. */
function decodeAll(input: RequestInput, authenticated = true): string[][] {
  const { args, decoder } = decoderFor();
  const commands: string[][] = [];
  for (;;) {
    const decoded = decoder.next(input, authenticated);
    if (decoded === DECODED.incomplete) return commands;
    if (decoded === DECODED.empty) continue;
    commands.push(Array.from({ length: args.count }, (_, i) => args.latin1(i)));
  }
}

function errorOf(text: string, authenticated = true): string {
  try {
    decodeAll(inputOf(text), authenticated);
  } catch (error) {
    if (error instanceof ProtocolError) return error.message;
    throw error;
  }
  return "no error";
}

t.test("reads pipelined arrays and inline commands", async (t) => {
  const text = '*1\r\n$4\r\nPING\r\nset a "b c"\r\n\r\n*3\r\n$3\r\nset\r\n$1\r\na\r\n$0\r\n\r\n*0\r\n*-1\r\nget a\n';
  t.same(decodeAll(inputOf(text)), [["PING"], ["set", "a", "b c"], ["set", "a", ""], ["get", "a"]]);
});

t.test("keeps every byte of an argument", async (t) => {
  const value = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
  const request = Buffer.concat([Buffer.from(`*2\r\n$4\r\nECHO\r\n$${value.length}\r\n`), value, Buffer.from("\r\n")]);
  t.same(decodeAll(inputOf(request)), [["ECHO", value.toString("latin1")]]);
});

t.test("goes on wherever a request was cut", async (t) => {
  const long = "x".repeat(300);
  const whole = `*3\r\n$3\r\nSET\r\n$300\r\n${long}\r\n$2\r\nab\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\ninline 'a b'\r\n`;
  const expected = [
    ["SET", long, "ab"],
    ["GET", "k"],
    ["inline", "a b"],
  ];
  for (let cut = 0; cut <= whole.length; cut++) {
    const { args, decoder } = decoderFor();
    const input = inputOf(whole);
    const commands: string[][] = [];
    for (const end of [cut, whole.length]) {
      input.end = end;
      for (;;) {
        if (decoder.next(input, true) !== DECODED.command) break;
        commands.push(Array.from({ length: args.count }, (_, i) => args.latin1(i)));
      }
    }
    t.same(commands, expected, `cut at ${cut}`);
  }
});

t.test("parses a long command that arrives byte by byte only once", async (t) => {
  const count = 2000;
  const whole = Buffer.from(`*${count}\r\n${"$1\r\nz\r\n".repeat(count)}`);
  const { args, decoder } = decoderFor();
  const input = inputOf(whole);
  for (let end = 1; end < whole.length; end += 97) {
    input.end = end;
    t.equal(decoder.next(input, true), DECODED.incomplete);
    t.equal(input.position, 0, "nothing is consumed before the command is whole");
  }
  input.end = whole.length;
  t.equal(decoder.next(input, true), DECODED.command);
  t.equal(args.count, count);
  t.equal(input.position, whole.length);
});

t.test("refuses what Redis refuses, with its texts", async (t) => {
  t.equal(errorOf("*3\r\n$3\r\nSET\r\n$1\r\nx\r\nfooz\r\n"), "expected '$', got 'f'");
  t.equal(errorOf("*abc\r\n"), "invalid multibulk length");
  t.equal(errorOf("*2147483648\r\n"), "invalid multibulk length");
  t.equal(errorOf("*01\r\n"), "invalid multibulk length");
  t.equal(errorOf("*\r\n"), "invalid multibulk length");
  t.equal(errorOf("*1\r\n$-1\r\n"), "invalid bulk length");
  t.equal(errorOf("*1\r\n$abc\r\n"), "invalid bulk length");
  t.equal(errorOf("*1\r\n$2000000000\r\n"), "invalid bulk length");
  t.equal(errorOf(`*${"1".repeat(70000)}`), "too big mbulk count string");
  t.equal(errorOf(`*1\r\n$${"1".repeat(70000)}`), "too big bulk count string");
  t.equal(errorOf("a".repeat(70000)), "too big inline request");
  t.equal(errorOf('set """test-key""" x\r\n'), "unbalanced quotes in request");
  t.equal(errorOf("*11\r\n", false), "unauthenticated multibulk length");
  t.equal(errorOf("*1\r\n$16385\r\n", false), "unauthenticated bulk length");
  t.equal(errorOf("*10\r\n", false), "no error");
});

t.test("proto-max-bulk-len counts", async (t) => {
  const args = new Args();
  const decoder = new RequestDecoder(args, 10);
  t.equal(decoder.next(inputOf("*1\r\n$10\r\n0123456789\r\n"), true), DECODED.command);
  t.throws(() => decoder.next(inputOf("*1\r\n$11\r\n0123456789a\r\n"), true), { message: "invalid bulk length" });
});
