/**
 * A process of the bus tests: joins the mesh and does what the test says over IPC. Not a test itself.
 */
import { WorkerBus } from "@keydb-ts/proc-shard";

const [slot = "0", path = "", maxQueuedBytes = "67108864"] = process.argv.slice(2);
const received: [from: number, payload: unknown][] = [];
const bus = new WorkerBus({
  slot: Number(slot),
  path,
  maxQueuedBytes: Number(maxQueuedBytes),
  onStuck: (peer) => process.send?.({ stuck: peer.slot }),
  onError: (text) => process.send?.({ error: text }),
});
bus.on("note", (payload, from) => {
  received.push([from, payload]);
});
bus.on("who", () => bus.self);
bus.on("slow", () => new Promise(() => undefined));
bus.on("fail", () => {
  throw new Error("refused");
});

export type Order =
  | { what: "peers"; peers: { slot: number; pid: number; path: string }[] }
  | { what: "known" }
  | { what: "broadcast"; count: number; tag: string }
  | { what: "send"; to: number; payload: unknown }
  | { what: "ask"; topic: string; timeoutMs: number }
  | { what: "received" };

process.on("message", async ({ id, order }: { id: number; order: Order }) => {
  const answer = (done: unknown): unknown => process.send?.({ id, done });
  switch (order.what) {
    case "peers":
      bus.setPeers(order.peers);
      answer(null);
      break;
    case "known":
      answer(bus.peers());
      break;
    case "broadcast":
      for (let i = 0; i < order.count; i++) bus.broadcast("note", { tag: order.tag, i, bytes: Buffer.from([i & 255]) });
      answer(null);
      break;
    case "send":
      bus.send(order.to, "note", order.payload);
      answer(null);
      break;
    case "ask":
      answer(await bus.requestAll(order.topic, null, order.timeoutMs));
      break;
    case "received":
      answer(received);
      break;
  }
});

await bus.listen();
process.send?.({ id: 0, done: "listening" });
