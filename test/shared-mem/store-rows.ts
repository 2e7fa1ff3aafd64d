/** Rows that the store tests write: numbers under readable keys, and pairs that must stay equal. */
import type { OrderedStore } from "@keydb-ts/core";

export const COUNTER_KEY = "counter";
/** Rows that one txn changes together. */
export const PAIRS = 40;

/** Rows like those of the keys table, whose hash the record cache uses: `1 | epoch | hash | name`. */
function writeKey(store: OrderedStore, name: string): number {
  return store.keyBuffer.write(`\x01epochh${name.slice(-4).padStart(4, "0")}${name}`, "latin1");
}

export function readNumber(store: OrderedStore, key: string): number {
  const length = store.get(writeKey(store, key));
  return length < 0 ? 0 : Number(store.valueBuffer.toString("latin1", 0, length));
}

export function writeNumber(store: OrderedStore, key: string, value: number): void {
  const length = store.putBuffer.write(String(value), "latin1");
  store.put(writeKey(store, key), length);
}

export function incrementPairs(store: OrderedStore): void {
  for (let i = 0; i < PAIRS; i++) writeNumber(store, `pair:${i}`, readNumber(store, `pair:${i}`) + 1);
}

export function decrementPairs(store: OrderedStore): void {
  for (let i = 0; i < PAIRS; i += 3) writeNumber(store, `pair:${i}`, readNumber(store, `pair:${i}`) - 1);
}

/** The value that all pairs have; throws when they differ, which no reader may ever see. */
export function commonPairValue(store: OrderedStore): number {
  const first = readNumber(store, "pair:0");
  for (let i = 1; i < PAIRS; i++) {
    const value = readNumber(store, `pair:${i}`);
    if (value !== first) throw new Error(`torn txn: pair:0 is ${first}, pair:${i} is ${value}`);
  }
  return first;
}
