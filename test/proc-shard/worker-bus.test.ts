/** The worker bus among three real processes: order, answers, and what happens when one of them is killed. */
import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { waitUntil } from "../support/wait-until.ts";
import type { Order } from "./bus-peer.ts";

interface Report {
  readonly id?: number;
  readonly done?: unknown;
  readonly stuck?: number;
  readonly error?: string;
}

interface Note {
  readonly tag: string;
  readonly i: number;
}

class Peer {
  readonly slot: number;
  readonly path: string;
  readonly stuck: number[] = [];
  readonly errors: string[] = [];
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, (value: unknown) => void>();
  private lastId = 0;

  private constructor(dir: string, slot: number, name: string, maxQueuedBytes: number) {
    this.slot = slot;
    this.path = join(dir, name);
    this.child = fork(join(import.meta.dirname, "bus-peer.ts"), [String(slot), this.path, String(maxQueuedBytes)], {
      serialization: "advanced",
    });
    this.child.on("message", (report: Report) => {
      if (report.stuck !== undefined) this.stuck.push(report.stuck);
      else if (report.error !== undefined) this.errors.push(report.error);
      else this.waiting.get(report.id ?? 0)?.(report.done);
    });
  }

  static async start(t: Test, dir: string, slot: number, maxQueuedBytes = 64 << 20): Promise<Peer> {
    const peer = new Peer(dir, slot, `p${slot}-${Math.random().toString(36).slice(2, 8)}`, maxQueuedBytes);
    t.teardown(() => peer.child.kill("SIGKILL"));
    await peer.answer(0);
    return peer;
  }

  get address(): { slot: number; pid: number; path: string } {
    return { slot: this.slot, pid: this.child.pid ?? 0, path: this.path };
  }

  order(order: Order): Promise<unknown> {
    const id = ++this.lastId;
    this.child.send({ id, order });
    return this.answer(id);
  }

  notes(): Promise<[from: number, note: Note][]> {
    return this.order({ what: "received" }) as Promise<[number, Note][]>;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  private answer(id: number): Promise<unknown> {
    return new Promise((resolve) => this.waiting.set(id, resolve));
  }
}

async function announce(peers: readonly Peer[]): Promise<void> {
  const addresses = peers.map((peer) => peer.address);
  await Promise.all(peers.map((peer) => peer.order({ what: "peers", peers: addresses })));
}

async function mesh(t: Test, count: number, maxQueuedBytes?: number): Promise<{ dir: string; peers: Peer[] }> {
  const dir = mkdtempSync(join(tmpdir(), "bus-"));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  const peers = await Promise.all(Array.from({ length: count }, (_, slot) => Peer.start(t, dir, slot, maxQueuedBytes)));
  await announce(peers);
  return { dir, peers };
}

async function notesFrom(peer: Peer, tag: string, count: number): Promise<Note[]> {
  return waitUntil(`${count} notes ${tag}`, async () => {
    const notes = (await peer.notes()).map(([, note]) => note).filter((note) => note.tag === tag);
    return notes.length >= count ? notes : null;
  });
}

t.test("broadcasts reach everybody, in order, buffers as buffers", async (t) => {
  const { peers } = await mesh(t, 3);
  const [a, b, c] = peers as [Peer, Peer, Peer];
  await Promise.all([a, b, c].map((peer) => peer.order({ what: "broadcast", count: 1000, tag: `t${peer.slot}` })));
  for (const receiver of peers) {
    for (const sender of peers) {
      if (sender === receiver) continue;
      const notes = await notesFrom(receiver, `t${sender.slot}`, 1000);
      t.same(
        notes.map((note) => note.i),
        Array.from({ length: 1000 }, (_, i) => i),
        `from ${sender.slot} to ${receiver.slot}`,
      );
    }
  }
  const [from, note] = (await a.notes())[0] as [number, Note & { bytes: unknown }];
  t.ok(from === 1 || from === 2);
  t.ok(note.bytes instanceof Uint8Array);
  await a.order({ what: "send", to: 2, payload: { tag: "direct", i: 7 } });
  t.equal((await notesFrom(c, "direct", 1))[0]?.i, 7);
  t.notOk(
    (await b.notes()).some(([, other]) => other.tag === "direct"),
    "sent to one only",
  );
});

t.test("requestAll gathers answers, and does without those that fail", async (t) => {
  const { peers } = await mesh(t, 3);
  const [a] = peers as [Peer];
  t.same(((await a.order({ what: "ask", topic: "who", timeoutMs: 10_000 })) as number[]).sort(), [1, 2]);
  t.same(await a.order({ what: "ask", topic: "fail", timeoutMs: 10_000 }), []);
  t.equal(a.errors.length, 2, "both refusals are told");
  t.same(await a.order({ what: "ask", topic: "slow", timeoutMs: 50 }), [], "the limit holds");
});

t.test("a killed peer leaves no trace and its replacement takes part", async (t) => {
  const { dir, peers } = await mesh(t, 3);
  const [a, b, c] = peers as [Peer, Peer, Peer];
  const asked = a.order({ what: "ask", topic: "slow", timeoutMs: 60_000 });
  b.signal("SIGKILL");
  c.signal("SIGKILL");
  await announce([a]);
  t.same(await asked, [], "the question ends with those who could answer it");
  t.same(await a.order({ what: "known" }), []);
  const replacement = await Peer.start(t, dir, 1);
  await announce([a, replacement]);
  t.same(await a.order({ what: "ask", topic: "who", timeoutMs: 10_000 }), [1]);
  await a.order({ what: "broadcast", count: 10, tag: "again" });
  t.equal((await notesFrom(replacement, "again", 10)).length, 10);
  await replacement.order({ what: "broadcast", count: 10, tag: "back" });
  t.equal((await notesFrom(a, "back", 10)).length, 10);
});

t.test("frames sent before a peer is connected arrive", async (t) => {
  const { dir, peers } = await mesh(t, 1);
  const [a] = peers as [Peer];
  const late = await Peer.start(t, dir, 5);
  const told = a.order({ what: "peers", peers: [a.address, late.address] });
  const sent = a.order({ what: "broadcast", count: 3, tag: "early" });
  await Promise.all([told, sent]);
  t.equal((await notesFrom(late, "early", 3)).length, 3);
});

t.test("a peer that does not read is given up, loudly, and memory stays bounded", async (t) => {
  const { peers } = await mesh(t, 2, 1 << 20);
  const [a, b] = peers as [Peer, Peer];
  b.signal("SIGSTOP");
  await waitUntil("the peer to be reported", async () => {
    await a.order({ what: "broadcast", count: 2000, tag: "flood" });
    return a.stuck.length > 0;
  });
  t.same(a.stuck, [1]);
  t.same(await a.order({ what: "known" }), []);
  await a.order({ what: "peers", peers: [a.address, b.address] });
  t.same(await a.order({ what: "known" }), [], "no second link, which would leave a gap");
});
