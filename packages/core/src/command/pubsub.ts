/** Publish and subscribe over all processes. Implemented by server/pubsub.ts. */
import type { Client } from "./client.ts";

export const SUBSCRIPTION_KINDS = ["channel", "pattern", "shard"] as const;
export type SubscriptionKind = (typeof SUBSCRIPTION_KINDS)[number];

/** What a client is subscribed to, by kind; names as latin1 strings, in order of subscription. */
export type ClientSubscriptions = Readonly<Record<SubscriptionKind, Set<string>>>;

export interface PubSub {
  /**
   * Subscribes a client of this process, or ends a subscription; false when nothing changed. The client's replies are
   * held back until every process has been told, so that a message published after the reply is seen.
   */
  subscribe(client: Client, kind: SubscriptionKind, name: string): boolean;
  unsubscribe(client: Client, kind: SubscriptionKind, name: string): boolean;
  /** Ends all subscriptions of a client, without a word to it. */
  unsubscribeAll(client: Client): void;
  /**
   * Sends a message to the subscribers on all processes and returns their number. What is published inside a write txn
   * goes out after its commit.
   */
  publish(kind: "channel" | "shard", channel: Buffer, message: Buffer): number;
  /**
   * As `publish`, but the processes that have subscribers are asked how many get it: null when the reply, their number,
   * comes in its place as soon as they have answered. `client` is the one being served, outside of EXEC and scripts.
   */
  publishFor(client: Client, kind: "channel" | "shard", channel: Buffer, message: Buffer): number | null;
  /** Whether anybody on any process is subscribed to a channel or a pattern. */
  readonly hasListeners: boolean;
  /** Names that have a subscriber on any process. */
  names(kind: SubscriptionKind): string[];
  /** Number of subscribers on all processes. */
  countOf(kind: SubscriptionKind, name: string): number;
  /** Sends bytes to a client that did not ask for them, behind the reply of what it is just running. */
  push(client: Client, frame: Buffer): void;
}

/** Subscriptions of all kinds that count for RESP2's subscriber mode and CLIENT LIST. */
export function subscriptionCount(client: Client): number {
  const { subscriptions } = client;
  if (subscriptions === null) return 0;
  return subscriptions.channel.size + subscriptions.pattern.size + subscriptions.shard.size;
}
