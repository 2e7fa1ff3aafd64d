import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OrderedStore } from "@keydb-ts/core";
import { LmdbStore } from "@keydb-ts/shared-mem";
import t, { type Test } from "tap";
import { KeyCodec } from "../../../packages/core/src/codec/key-codec.ts";
import { CountedTree } from "../../../packages/core/src/types/counted-tree.ts";
import { checkTree } from "../../support/check-tree.ts";
import { MemoryStore } from "../../support/memory-store.ts";
import { SeededRandom } from "../../support/seeded-random.ts";

const GENERATION = 7;

/** A tree that is saved and loaded again like between two commands. */
class Subject {
  readonly store: OrderedStore;
  tree: CountedTree;
  private readonly codec: KeyCodec;
  private readonly keyed: boolean;

  constructor(store: OrderedStore, keyed: boolean, generation = GENERATION) {
    this.store = store;
    this.codec = new KeyCodec(store.keyBuffer, Buffer.alloc(16));
    this.keyed = keyed;
    this.tree = new CountedTree(store, this.codec, keyed);
    this.tree.create(generation);
  }

  reload(): void {
    const { tree } = this;
    tree.flush();
    const root = Buffer.alloc(tree.rootSize);
    if (tree.writeRoot(root, 0) !== root.length) throw new Error("rootSize is wrong");
    const { generation, length } = tree;
    tree.release();
    this.tree = new CountedTree(this.store, this.codec, this.keyed);
    this.tree.load(generation, length, root, 0, root.length);
  }

  items(): string[] {
    const { tree } = this;
    const found: string[] = [];
    for (let ok = tree.seek(0); ok; ok = tree.next()) found.push(present(tree));
    return found;
  }

  backwards(): string[] {
    const { tree } = this;
    const found: string[] = [];
    for (let ok = tree.length > 0 && tree.seek(tree.length - 1); ok; ok = tree.prev()) found.push(present(tree));
    return found;
  }

  check(): void {
    this.reload();
    checkTree(this.store, this.tree, this.keyed);
  }
}

function present(tree: CountedTree): string {
  tree.readItem();
  const text = tree.itemBuffer.latin1Slice(tree.itemStart, tree.itemEnd);
  if (tree.itemLength !== text.length) throw new Error("itemLength is wrong");
  return tree.mark ? `${text}!` : text;
}

function bytes(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

/** Latin-1 strings compare as their bytes. */
function rankOf(model: readonly string[], text: string): number {
  let low = 0;
  let high = model.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((model[middle] as string) < text) low = middle + 1;
    else high = middle;
  }
  return low;
}

type Sizes = (random: SeededRandom) => number;
const SHORT: Sizes = (r) => r.between(0, 24);
const MIXED: Sizes = (r) =>
  r.chance(0.9) ? r.between(0, 60) : r.chance(0.7) ? r.between(100, 900) : r.between(890, 910);
const LONG: Sizes = (r) =>
  r.chance(0.5) ? r.between(0, 1200) : r.chance(0.9) ? r.between(900, 3000) : r.between(16_000, 40_000);

/** Random operations on tree and array, compared all the time. `target` is the size around which it grows and shrinks. */
function positionalRun(t: Test, store: OrderedStore, seed: number, steps: number, target: number, sizes: Sizes): void {
  const random = new SeededRandom(seed);
  const subject = new Subject(store, false);
  const model: string[] = [];
  const text = (): string => random.bytes(sizes(random));
  let growing = true;
  for (let step = 0; step < steps; step++) {
    const { tree } = subject;
    if (model.length > target) growing = false;
    if (model.length === 0) growing = true;
    const kind = random.next();
    if (kind < (growing ? 0.5 : 0.15)) {
      const at = random.chance(0.3) ? random.pick([0, model.length]) : random.between(0, model.length);
      const value = text();
      const mark = random.chance(0.2);
      tree.insertAt(at, bytes(value), 0, value.length, mark);
      model.splice(at, 0, mark ? `${value}!` : value);
    } else if (kind < (growing ? 0.6 : 0.2)) {
      for (let i = random.between(1, 20); i > 0; i--) {
        const value = text();
        tree.append(bytes(`x${value}`), 1, value.length + 1);
        model.push(value);
      }
    } else if (kind < 0.7 && model.length > 0) {
      const at = random.between(0, model.length - 1);
      tree.seek(at);
      const removed = random.between(1, 5);
      for (let i = 0; i < removed && at < model.length; i++) {
        model.splice(at, 1);
        const more = tree.remove();
        if (more !== at < model.length) throw new Error(`remove said ${more}`);
        if (more && present(tree) !== model[at]) throw new Error("wrong item after remove");
      }
    } else if (kind < 0.8 && model.length > 0) {
      const at = random.between(0, model.length - 1);
      const value = text();
      tree.seek(at);
      tree.replace(bytes(value), 0, value.length);
      model[at] = value;
      if (present(tree) !== value) throw new Error("wrong item after replace");
    } else if (kind < (growing ? 0.82 : 0.9) && model.length > 0) {
      const at = random.between(0, model.length - 1);
      const count = random.chance(0.2) ? random.between(0, model.length) : random.between(0, 30);
      const seen: string[] = [];
      tree.removeRange(at, count, (u) => seen.push(present(u)));
      if (seen.join() !== model.splice(at, count).join()) throw new Error("removeRange visited others");
    } else if (model.length > 0) {
      const at = random.between(0, model.length - 1);
      tree.seek(at);
      const forward = random.chance(0.5);
      for (let i = at, left = 30; left > 0; left--) {
        if (present(tree) !== model[i]) throw new Error(`step ${step}: wrong item at ${i}`);
        i += forward ? 1 : -1;
        const more = forward ? tree.next() : tree.prev();
        if (more !== (i >= 0 && i < model.length)) throw new Error(`step ${step}: end at ${i}`);
        if (!more) break;
      }
    }
    if (tree.length !== model.length) throw new Error(`step ${step}: length ${tree.length}, not ${model.length}`);
    if (random.chance(0.2)) subject.reload();
    if (step % 1000 === 0) {
      subject.check();
      t.same(subject.items(), model, `items after ${step} steps of seed ${seed}`);
    }
  }
  subject.check();
  t.same(subject.items(), model);
  t.same(subject.backwards(), [...model].reverse());
  subject.tree.removeRange(0, model.length);
  subject.check();
}

function keyedRun(
  t: Test,
  store: OrderedStore,
  seed: number,
  steps: number,
  target: number,
  makeKey: (r: SeededRandom) => string,
): void {
  const random = new SeededRandom(seed);
  const subject = new Subject(store, true);
  const model: string[] = [];
  let growing = true;
  for (let step = 0; step < steps; step++) {
    const { tree } = subject;
    if (model.length > target) growing = false;
    if (model.length === 0) growing = true;
    const kind = random.next();
    const text = makeKey(random);
    const key = bytes(text);
    const rank = rankOf(model, text);
    const isThere = model[rank] === text;
    if (kind < (growing ? 0.6 : 0.2)) {
      if (tree.insertKey(key, key.length) === isThere) throw new Error(`step ${step}: insertKey`);
      if (tree.index !== rank) throw new Error(`step ${step}: index after insertKey`);
      if (!isThere) model.splice(rank, 0, text);
    } else if (kind < 0.8) {
      const at = random.chance(0.7) && model.length > 0 ? random.between(0, model.length - 1) : rank;
      const victim = at === rank ? text : (model[at] as string);
      const known = model[at] === victim;
      if (tree.removeKey(bytes(victim), victim.length) !== known) throw new Error(`step ${step}: removeKey`);
      if (known) model.splice(at, 1);
    } else if (kind < 0.85 && model.length > 0) {
      replaceByOne(subject, model, random.between(0, model.length - 1));
    } else {
      if (tree.lowerBound(key, key.length) !== rank) throw new Error(`step ${step}: lowerBound`);
      if (rank < model.length && present(tree) !== model[rank]) throw new Error(`step ${step}: item of lowerBound`);
      if (tree.find(key, key.length) !== isThere) throw new Error(`step ${step}: find`);
      if (!growing && model.length > 0 && random.chance(0.3)) {
        const from = random.between(0, model.length - 1);
        const count = random.between(0, 40);
        tree.removeRange(from, count);
        model.splice(from, count);
      }
    }
    if (tree.length !== model.length) throw new Error(`step ${step}: length`);
    if (random.chance(0.2)) subject.reload();
    if (step % 1000 === 0) {
      subject.check();
      t.same(subject.items(), model, `items after ${step} steps of seed ${seed}`);
    }
  }
  subject.check();
  t.same(subject.items(), model);
  t.same(subject.backwards(), [...model].reverse());
  subject.tree.removeRange(0, model.length);
  subject.check();
}

/** Gives an item the next greater last byte, as a small change of a score does. */
function replaceByOne(subject: Subject, model: string[], at: number): void {
  const { tree } = subject;
  const old = model[at] as string;
  const next = old.slice(0, -1) + String.fromCharCode(((old.charCodeAt(old.length - 1) || 0) + 1) & 127);
  if (!tree.find(bytes(old), old.length)) throw new Error("find before replaceInOrder");
  const fits = next.length === old.length && (at === 0 || next > (model[at - 1] as string));
  const isBetween = fits && (at + 1 === model.length || next < (model[at + 1] as string));
  if (!tree.replaceInOrder(bytes(next), next.length, false)) return;
  if (!isBetween) throw new Error("replaceInOrder put an item out of order");
  model[at] = next;
  if (present(tree) !== next || tree.index !== at) throw new Error("wrong item after replaceInOrder");
}

const KEYS: Record<string, (r: SeededRandom) => string> = {
  short: (r) => r.bytes(r.between(0, 12)),
  prefixed: (r) => `${"p".repeat(r.pick([3, 3, 40, 300]))}${r.between(0, 3000)}`,
  "long, alike": (r) => `${"q".repeat(r.pick([850, 950, 2000, 17_000]))}${r.between(0, 400)}`,
};

function withLmdb(body: (store: OrderedStore) => void): void {
  const directory = mkdtempSync(join(tmpdir(), "counted-tree-"));
  const store = new LmdbStore({ file: join(directory, "keyspace.mdb"), lock: null, mapSizeBytes: 2 ** 30 });
  try {
    store.begin(1000);
    body(store);
    store.commit(false);
  } finally {
    store.close();
    rmSync(directory, { recursive: true });
  }
}

function inMemory(body: (store: OrderedStore) => void): void {
  const store = new MemoryStore();
  store.begin(0);
  body(store);
}

t.test("positional: random operations against an array", (t) => {
  inMemory((store) => positionalRun(t, store, 1, 3000, 3000, SHORT));
  inMemory((store) => positionalRun(t, store, 2, 2000, 800, MIXED));
  inMemory((store) => positionalRun(t, store, 3, 800, 100, LONG));
  withLmdb((store) => positionalRun(t, store, 4, 4000, 10_000, SHORT));
  withLmdb((store) => positionalRun(t, store, 5, 2000, 300, LONG));
  t.end();
});

t.test("keyed: random operations against a sorted set", (t) => {
  for (const [name, makeKey] of Object.entries(KEYS)) {
    t.comment(name);
    inMemory((store) => keyedRun(t, store, 11, 2500, 900, makeKey));
    withLmdb((store) => keyedRun(t, store, 12, 2500, name.startsWith("long") ? 200 : 2000, makeKey));
  }
  t.end();
});

t.test("an inline tree keeps everything in its root", (t) => {
  inMemory((store) => {
    const subject = new Subject(store, true, 0);
    for (let i = 999; i >= 0; i--) subject.tree.insertKey(bytes(String(i).padStart(40, "0")), 40);
    subject.check();
    t.equal(subject.items().length, 1000);
    t.ok(subject.tree.rootSize > 40_000);
  });
  t.end();
});

t.test("trees filled from one side have full nodes, whose items are then found", (t) => {
  withLmdb((store) => {
    for (const side of ["end", "start"]) {
      const subject = new Subject(store, true);
      const n = 60_000;
      for (let i = 0; i < n; i++) {
        const key = bytes(String(side === "end" ? i : n - 1 - i).padStart(10, "0"));
        if (side === "end") subject.tree.append(key, 0, key.length);
        else subject.tree.insertKey(key, key.length);
      }
      subject.reload();
      const { leaves, bytesInLeaves } = checkTree(store, subject.tree, true);
      t.ok(
        bytesInLeaves / leaves > 1900,
        `leaves filled from the ${side} hold ${Math.round(bytesInLeaves / leaves)} bytes`,
      );
      t.equal(subject.tree.lowerBound(bytes("0000030000"), 10), 30_000);
      subject.tree.removeRange(0, n);
    }
  });
  t.end();
});

t.test("leaves stay reasonably full when most items go", (t) => {
  withLmdb((store) => {
    const random = new SeededRandom(5);
    const subject = new Subject(store, false);
    for (let i = 0; i < 30_000; i++) {
      subject.tree.insertAt(random.between(0, i), bytes(`item ${i}`), 0, `item ${i}`.length);
    }
    while (subject.tree.length > 3000) {
      subject.tree.seek(random.between(0, subject.tree.length - 1));
      subject.tree.remove();
    }
    subject.reload();
    const { leaves, bytesInLeaves } = checkTree(store, subject.tree, false);
    t.ok(bytesInLeaves / leaves > 700, `${Math.round(bytesInLeaves / leaves)} bytes in a leaf`);
  });
  t.end();
});
