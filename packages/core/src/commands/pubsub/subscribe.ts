/** SUBSCRIBE, PSUBSCRIBE, SSUBSCRIBE and their opposites. */
import { REPLY_MODE } from "../../command/client.ts";
import { type CommandFlag, type CommandSpec, keyRange } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import type { SubscriptionKind } from "../../command/pubsub.ts";

/** Subscriptions that the confirmation of a kind counts. */
function countFor(ctx: Context, kind: SubscriptionKind): number {
  const { subscriptions } = ctx.client;
  if (subscriptions === null) return 0;
  return kind === "shard" ? subscriptions.shard.size : subscriptions.channel.size + subscriptions.pattern.size;
}

/** A confirmation is a push: CLIENT REPLY OFF does not keep it back. */
function confirm(ctx: Context, word: string, name: Buffer | null, count: number): void {
  const { reply } = ctx;
  const mark = reply.deferred();
  reply.pushHeader(3);
  reply.bulkText(word);
  if (name === null) reply.null();
  else reply.bulk(name);
  reply.integer(count);
  if (ctx.client.replyMode === REPLY_MODE.on) return;
  const from = reply.regionStart + mark;
  ctx.server.pubsub.push(ctx.client, Buffer.from(reply.buffer.subarray(from, reply.position)));
}

function subscribeAll(ctx: Context, kind: SubscriptionKind, word: string): void {
  const { args, client } = ctx;
  for (let i = 1; i < args.count; i++) {
    ctx.server.pubsub.subscribe(client, kind, args.latin1(i));
    confirm(ctx, word, args.bytes(i), countFor(ctx, kind));
  }
}

function unsubscribeAll(ctx: Context, kind: SubscriptionKind, word: string): void {
  const { args, client } = ctx;
  const { pubsub } = ctx.server;
  const names = [];
  if (args.count > 1) for (let i = 1; i < args.count; i++) names.push(args.latin1(i));
  else names.push(...(client.subscriptions?.[kind] ?? []));
  for (const name of names) {
    pubsub.unsubscribe(client, kind, name);
    confirm(ctx, word, Buffer.from(name, "latin1"), countFor(ctx, kind));
  }
  if (names.length === 0) confirm(ctx, word, null, countFor(ctx, kind));
}

interface Words {
  readonly kind: SubscriptionKind;
  readonly since: string;
  /** As the grammar and the prose name what is subscribed to. */
  readonly argument: string;
  readonly noun: string;
}

function specOf(name: string, isEnd: boolean, words: Words): CommandSpec {
  const { kind, since, argument, noun } = words;
  const isShard = kind === "shard";
  const word = name.toLowerCase();
  const verb = isEnd ? "unsubscribe" : "subscribe to";
  const flags: CommandFlag[] = ["pubsub", "noscript", "loading", "stale"];
  if (!isShard) flags.push("sentinel");
  return {
    name,
    group: "pubsub",
    since,
    summary: isEnd ? `Stops listening to ${noun}s; to all of them when none is given.` : `Listens to ${noun}s.`,
    complexity: `O(N) where N is the number of ${noun}s to ${verb}.`,
    arity: isEnd ? -1 : -2,
    flags,
    ...(isShard && { keys: [keyRange(1, -1, 1, "not_key")] }),
    ...(!isEnd && { channels: { areMany: true, arePatterns: kind === "pattern" } }),
    args: [
      {
        name: argument,
        type: kind === "pattern" ? "pattern" : "string",
        flags: isEnd ? ["optional", "multiple"] : ["multiple"],
      },
    ],
    inSubscriberMode: true,
    handler: (ctx) => (isEnd ? unsubscribeAll(ctx, kind, word) : subscribeAll(ctx, kind, word)),
  };
}

const CHANNEL: Words = { kind: "channel", since: "2.0.0", argument: "channel", noun: "channel" };
const PATTERN: Words = { kind: "pattern", since: "2.0.0", argument: "pattern", noun: "pattern" };
const SHARD: Words = { kind: "shard", since: "7.0.0", argument: "shardchannel", noun: "shard channel" };

export const subscribe = specOf("SUBSCRIBE", false, CHANNEL);
export const unsubscribe = specOf("UNSUBSCRIBE", true, CHANNEL);
export const psubscribe = specOf("PSUBSCRIBE", false, PATTERN);
export const punsubscribe = specOf("PUNSUBSCRIBE", true, PATTERN);
export const ssubscribe = specOf("SSUBSCRIBE", false, SHARD);
export const sunsubscribe = specOf("SUNSUBSCRIBE", true, SHARD);
