// The nodes of a quicklist, as Redis 7.2 splits and joins them (compared with it by `npm run conformance -- --random`).
import t from "tap";
import { ListNodes, listLimits } from "../../../packages/core/src/types/list-nodes.ts";

/** Elements of one byte each, 3 bytes in a listpack. */
const LENGTH = 1;
const BYTES = 3;
const bytesOf = (_from: number, count: number): number => count * BYTES;

/** Elements per node. */
function sizes(nodes: ListNodes): number[] {
  const b = Buffer.alloc(1000);
  const end = nodes.write(b, 0);
  const found: number[] = [];
  for (let p = 2; p < end; p += 2) found.push(b[p] as number);
  return found;
}

function pushed(limit: number, count: number): ListNodes {
  const nodes = ListNodes.of(listLimits(limit), 0, 7);
  for (let i = 0; i < count; i++) nodes.push(false, LENGTH, BYTES);
  return nodes;
}

t.test("pushes fill a node at the end they come to", async (t) => {
  const nodes = pushed(4, 6);
  t.same(sizes(nodes), [4, 2]);
  nodes.push(true, LENGTH, BYTES);
  t.same(sizes(nodes), [1, 4, 2]);
  t.notOk(nodes.isSingle);
});

t.test("an insert fills a neighbour, makes a node, or splits and joins", async (t) => {
  const nodes = pushed(4, 6);
  nodes.insert(3, true, LENGTH, BYTES, bytesOf);
  t.same(sizes(nodes), [4, 3], "behind a full node: into the next one");
  nodes.insert(0, false, LENGTH, BYTES, bytesOf);
  t.same(sizes(nodes), [1, 4, 3], "in front of the first: a node of its own");
  nodes.insert(2, true, LENGTH, BYTES, bytesOf);
  t.same(sizes(nodes), [3, 3, 3], "in the middle: split, and the head joins the node before");
});

t.test("a cut leaves what is not within it", async (t) => {
  const nodes = pushed(4, 12);
  nodes.cut(2, 8, bytesOf);
  t.same(sizes(nodes), [2, 2]);
  nodes.cut(0, 2, bytesOf);
  t.ok(nodes.isSingle);
  nodes.cut(0, 2, bytesOf);
  t.same(sizes(nodes), []);
});

t.test("they are read as they were written, the middle of many as one", async (t) => {
  const nodes = pushed(1, 100);
  t.same(sizes(nodes), [...new Array(8).fill(1), 84, ...new Array(8).fill(1)]);
  const b = Buffer.alloc(1000);
  const end = nodes.write(b, 0);
  const again = ListNodes.read(b, 0);
  t.equal(again.end, end);
  t.same(sizes(again.nodes), sizes(nodes));
  again.nodes.insert(50, true, LENGTH, BYTES, bytesOf);
  again.nodes.cut(0, 93, bytesOf);
  t.same(sizes(again.nodes), new Array(8).fill(1));
});
