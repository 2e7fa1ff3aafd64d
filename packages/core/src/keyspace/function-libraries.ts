/**
 * The function libraries in the store: one set for all processes, kept like keys over restarts.
 *
 *   `6`                           revision 8 B: a number never used before, new with every change
 *   `6 | library 8 B | piece u32` pieces of: u32 length of the description, description (JSON), code
 *
 * Numbers are random and not counted up, so that what a process remembers of a txn that was then dropped cannot be taken
 * for something else. Texts are byte strings (one char per byte).
 */
import { randomBytes } from "node:crypto";
import { TABLE } from "../codec/format.ts";
import { readU32, readU64, writeU32, writeU64 } from "../codec/record.ts";
import type { Keyspace } from "./keyspace.ts";
import { deletePieces, listPrefixes, readPieces, writePieces } from "./row-pieces.ts";

export interface FunctionDescription {
  readonly name: string;
  readonly description: string | null;
  /** Bits of SCRIPT_FLAG. */
  readonly flags: number;
}

export interface LibraryDescription {
  readonly name: string;
  readonly engine: string;
  readonly functions: readonly FunctionDescription[];
}

export interface StoredLibrary extends LibraryDescription {
  readonly number: number;
  /** As it was loaded, first line included. */
  readonly code: Buffer;
}

/** Table and number. */
export const LIBRARY_PREFIX_BYTES = 9;

/** What changes with every change of the set; 0: there never was a library. One get. */
export function librariesRevision(keyspace: Keyspace): number {
  const { store } = keyspace;
  keyspace.forgetRow();
  store.keyBuffer[0] = TABLE.functions;
  return store.get(1) === 8 ? readU64(store.valueBuffer, 0) : 0;
}

/** Numbers of all libraries. */
export function libraryNumbers(keyspace: Keyspace): number[] {
  keyspace.forgetRow();
  return listPrefixes(keyspace.store, TABLE.functions, LIBRARY_PREFIX_BYTES).map((prefix) => readU64(prefix, 1));
}

export function readLibrary(keyspace: Keyspace, number: number): StoredLibrary | null {
  keyspace.forgetRow();
  const bytes = readPieces(keyspace.store, prefixOf(number));
  if (bytes === null) return null;
  const end = 4 + readU32(bytes, 0);
  const description = JSON.parse(bytes.latin1Slice(4, end)) as LibraryDescription;
  return { ...description, number, code: bytes.subarray(end) };
}

/** Write txn only; so are the others below. Returns the library's number. */
export function addLibrary(keyspace: Keyspace, description: LibraryDescription, code: Buffer): number {
  const { name, engine, functions } = description;
  const text = Buffer.from(JSON.stringify({ name, engine, functions }), "latin1");
  const head = Buffer.alloc(4);
  writeU32(head, 0, text.length);
  const number = newNumber();
  writePieces(keyspace.store, prefixOf(number), Buffer.concat([head, text, code]));
  changed(keyspace);
  return number;
}

export function removeLibrary(keyspace: Keyspace, number: number): void {
  deletePieces(keyspace.store, prefixOf(number));
  changed(keyspace);
}

export function removeAllLibraries(keyspace: Keyspace): void {
  const numbers = libraryNumbers(keyspace);
  for (const number of numbers) deletePieces(keyspace.store, prefixOf(number));
  // As in Redis, also the removal of nothing is a change; but it makes no process look again.
  if (numbers.length > 0) changed(keyspace);
  else keyspace.dirty++;
}

function changed(keyspace: Keyspace): void {
  const { store } = keyspace;
  keyspace.forgetRow();
  keyspace.dirty++;
  store.keyBuffer[0] = TABLE.functions;
  writeU64(store.putBuffer, 0, newNumber());
  store.put(1, 8);
}

function newNumber(): number {
  return randomBytes(6).readUIntBE(0, 6) + 1;
}

function prefixOf(number: number): Buffer {
  const prefix = Buffer.alloc(LIBRARY_PREFIX_BYTES);
  prefix[0] = TABLE.functions;
  writeU64(prefix, 1, number);
  return prefix;
}
