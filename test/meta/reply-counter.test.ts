/** The load generator's reply counter: every kind of reply, however the stream is cut. */
import t from "tap";
import { ReplyCounter } from "../../scripts/bench/reply-counter.ts";

const STREAM = [
  "+OK\r\n",
  ":1\r\n",
  "$-1\r\n",
  "$0\r\n\r\n",
  "$5\r\na\r\nbc\r\n",
  "*0\r\n",
  "*-1\r\n",
  "*2\r\n$1\r\nx\r\n:3\r\n",
  "*2\r\n*2\r\n+a\r\n*0\r\n*1\r\n$1\r\ny\r\n",
];

t.test("each reply is counted once, whatever the chunks", async (t) => {
  const bytes = Buffer.from(STREAM.join(""));
  for (let size = 1; size <= bytes.length; size++) {
    const counter = new ReplyCounter();
    let replies = 0;
    for (let at = 0; at < bytes.length; at += size) replies += counter.push(bytes.subarray(at, at + size));
    if (replies !== STREAM.length) t.fail(`chunks of ${size}: ${replies} replies`);
  }
  t.pass("all chunk sizes");
});

t.test("the first error is kept", async (t) => {
  const counter = new ReplyCounter();
  t.equal(counter.push(Buffer.from("*2\r\n-ERR one\r\n-ERR two\r\n")), 1);
  t.equal(counter.error, "-ERR one");
});
