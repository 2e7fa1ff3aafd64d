/**
 * Messages between the worker processes of one server (the worker bus), implemented by `packages/proc-shard`.
 * Payloads are plain msgpack-able data (Buffers stay Buffers). Per sender and receiver, order is kept. A peer that dies
 * takes its undelivered messages with it and is left out of pending requests.
 */
export interface Bus {
  /** This process' slot (the same number as SharedState.slot). */
  readonly self: number;
  /** Slots of the live peers, without this one. */
  peers(): number[];
  send(slot: number, topic: string, payload: unknown): void;
  /** As `send`, to several. */
  sendEach(slots: readonly number[], topic: string, payload: unknown): void;
  broadcast(topic: string, payload: unknown): void;
  /** Sends at once what would leave at the end of the loop turn. */
  flush(): void;
  /** Handles messages of a topic; one handler per topic. For requests the return value is the answer. */
  on(topic: string, handler: (payload: unknown, from: number) => unknown): void;
  /** Told of peers that joined or left, by slot, after `peers()` shows it. Several listeners may be added. */
  onPeers(listener: (joined: readonly number[], left: readonly number[]) => void): void;
  /**
   * Asks peers; resolves with the answers of those that answered within `timeoutMs` or until they died. One that did not
   * answer in time is not waited for again until it is heard of: a stopped process holds others up once.
   */
  requestEach(slots: readonly number[], topic: string, payload: unknown, timeoutMs: number): Promise<unknown[]>;
  /** As `requestEach`, of every live peer. */
  requestAll(topic: string, payload: unknown, timeoutMs: number): Promise<unknown[]>;
}
