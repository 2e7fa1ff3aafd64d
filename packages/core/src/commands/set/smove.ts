import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { MEMBER, SET, setMember } from "../../types/set.ts";
import { editSet, extendSet } from "./set-access.ts";

function handleSmove(ctx: Context): void {
  ctx.reply.integer(moveMember(ctx) ? 1 : 0);
}

function moveMember(ctx: Context): boolean {
  const { args } = ctx;
  const b = args.buffer;
  const start = args.start(3);
  const end = args.end(3);
  if (ctx.lookupWrite(1) === null) {
    // Redis looks the target up too before it answers.
    ctx.lookupWrite(2);
    return false;
  }
  ctx.lookupWrite(1, SET);
  ctx.lookupWrite(2, SET);
  const source = ctx.lookupWrite(1, SET);
  if (source === null) return false;
  if (args.bytes(1).equals(args.bytes(2))) {
    return setMember(ctx.keyspace, source, b, start, end) === MEMBER.live;
  }
  const from = editSet(ctx, 1, source);
  const removed = from.remove(b, start, end);
  from.finish();
  if (!removed) return false;
  ctx.notifyRemoved(NOTIFY.set, "srem", 1, from.size === 0);
  const to = extendSet(ctx, 2, ctx.lookupWrite(2, SET), 3, 1);
  const isNew = to.add(b, start, end);
  to.finish();
  if (isNew) ctx.notify(NOTIFY.set, "sadd", 2);
  return true;
}

export const smove: CommandSpec = {
  name: "SMOVE",
  group: "set",
  since: "1.0.0",
  summary: "Moves a member from one set to another.",
  complexity: "O(1)",
  arity: 4,
  flags: ["write", "fast"],
  keys: [keyAt(1, "RW", "access", "delete"), keyAt(2, "RW", "insert")],
  args: [
    { name: "source", type: "key", keySpecIndex: 0 },
    { name: "destination", type: "key", keySpecIndex: 1 },
    { name: "member", type: "string" },
  ],
  handler: handleSmove,
};
