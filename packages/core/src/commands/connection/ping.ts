/** PING. */
import { wrongArity } from "../../base/errors.ts";
import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";

function handlePing(ctx: Context): void {
  if (ctx.args.count > 2) throw wrongArity("ping");
  if (ctx.client.subscriptions !== null && ctx.client.resp === 2) {
    // In the form of a message, which such a client is waiting for.
    ctx.reply.arrayHeader(2);
    ctx.reply.bulkText("pong");
    ctx.reply.bulk(ctx.args.count === 2 ? ctx.args.bytes(1) : Buffer.alloc(0));
  } else if (ctx.args.count === 2) ctx.reply.bulk(ctx.args.bytes(1));
  else ctx.reply.simple("PONG");
}

export const ping: CommandSpec = {
  name: "PING",
  group: "connection",
  since: "1.0.0",
  summary: "Answers PONG, or the given message: shows that the server is alive.",
  complexity: "O(1)",
  arity: -1,
  flags: ["fast"],
  tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
  args: [{ name: "message", type: "string", flags: ["optional"] }],
  inSubscriberMode: true,
  handler: handlePing,
};
