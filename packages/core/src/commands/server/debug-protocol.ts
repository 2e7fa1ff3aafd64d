/** DEBUG PROTOCOL: one sample of each reply type, for tests of clients. */
import { PROTOCOL_TYPE_UNKNOWN, RESP2_UNSUPPORTED } from "../../base/errors.ts";
import type { Context } from "../../command/context.ts";
import type { ReplyWriter } from "../../resp/reply-writer.ts";

const SAMPLES: Readonly<Record<string, (reply: ReplyWriter) => void>> = {
  string: (reply) => reply.bulkText("Hello World"),
  integer: (reply) => reply.integer(12345),
  // biome-ignore lint/suspicious/noApproximativeNumericConstant: the sample that Redis sends, not pi.
  double: (reply) => reply.double(3.141),
  bignum: (reply) => reply.bigNumber("1234567999999999999999999999999999999"),
  null: (reply) => reply.null(),
  array: (reply) => {
    reply.arrayHeader(3);
    for (let i = 0; i < 3; i++) reply.integer(i);
  },
  set: (reply) => {
    reply.setHeader(3);
    for (let i = 0; i < 3; i++) reply.integer(i);
  },
  map: (reply) => {
    reply.mapHeader(3);
    for (let i = 0; i < 3; i++) {
      reply.integer(i);
      reply.boolean(i === 1);
    }
  },
  attrib: (reply) => {
    if (reply.resp >= 3) {
      reply.attributeHeader(1);
      reply.bulkText("key-popularity");
      reply.arrayHeader(2);
      reply.bulkText("key:123");
      reply.integer(90);
    }
    reply.bulkText("Some real reply following the attribute");
  },
  push: (reply) => {
    if (reply.resp < 3) throw RESP2_UNSUPPORTED;
    reply.pushHeader(2);
    reply.bulkText("server-cpu-usage");
    reply.integer(42);
    reply.bulkText("Some real reply following the push reply");
  },
  verbatim: (reply) => reply.verbatim("txt", "This is a verbatim\nstring"),
  true: (reply) => reply.boolean(true),
  false: (reply) => reply.boolean(false),
};

export function debugProtocol(ctx: Context): void {
  const name = ctx.args.latin1(2).toLowerCase();
  const sample = Object.hasOwn(SAMPLES, name) ? SAMPLES[name] : undefined;
  if (sample === undefined) throw PROTOCOL_TYPE_UNKNOWN;
  sample(ctx.reply);
}
