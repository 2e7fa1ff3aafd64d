import type { CommandSpec } from "../../command/command-spec.ts";
import { publish, spublish } from "./publish.ts";
import { pubsub } from "./pubsub.ts";
import { psubscribe, punsubscribe, ssubscribe, subscribe, sunsubscribe, unsubscribe } from "./subscribe.ts";

export const PUBSUB_COMMANDS: readonly CommandSpec[] = [
  psubscribe,
  publish,
  pubsub,
  punsubscribe,
  spublish,
  ssubscribe,
  subscribe,
  sunsubscribe,
  unsubscribe,
];
