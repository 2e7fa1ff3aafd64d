/**
 * The checker's part for what is not keys: function libraries (table 6) and cached scripts (table 7). Every piece must
 * belong to a whole thing, every script have the name that its bytes give, and the counts be right.
 */

import { sha1Hex } from "../base/sha1.ts";
import { TABLE } from "../codec/format.ts";
import { readU32, readU64 } from "../codec/record.ts";
import { LIBRARY_PREFIX_BYTES, librariesRevision, readLibrary } from "./function-libraries.ts";
import type { Keyspace } from "./keyspace.ts";
import { readPieces } from "./row-pieces.ts";
import { readScriptTotals, SCRIPT_PREFIX_BYTES } from "./script-cache.ts";

type Report = (text: string) => void;

/** Checks both tables on the present snapshot or txn; calls `problem` with what is wrong. O(rows). */
export function checkScripts(keyspace: Keyspace, problem: Report): void {
  checkLibraries(keyspace, problem);
  checkCache(keyspace, problem);
}

function checkLibraries(keyspace: Keyspace, problem: Report): void {
  const functions = new Set<string>();
  const libraries = new Set<string>();
  const prefixes = wholePrefixes(keyspace, TABLE.functions, LIBRARY_PREFIX_BYTES, problem);
  for (const prefix of prefixes) {
    const number = readU64(prefix, 1);
    try {
      const library = readLibrary(keyspace, number);
      if (library === null) continue;
      if (libraries.has(library.name)) problem(`function library ${library.name} is there twice`);
      libraries.add(library.name);
      for (const { name } of library.functions) {
        const key = name.toLowerCase();
        if (functions.has(key)) problem(`function ${name} is there twice`);
        functions.add(key);
      }
    } catch (error) {
      problem(`function library ${number} cannot be read: ${error instanceof Error ? error.message : error}`);
    }
  }
  if (prefixes.length > 0 && librariesRevision(keyspace) === 0) problem("function libraries without a revision");
}

function checkCache(keyspace: Keyspace, problem: Report): void {
  let scripts = 0;
  let bytes = 0;
  for (const prefix of wholePrefixes(keyspace, TABLE.scripts, SCRIPT_PREFIX_BYTES, problem)) {
    const code = readPieces(keyspace.store, prefix);
    const name = prefix.toString("hex", 1);
    if (code === null || sha1Hex(code) !== name) problem(`script ${name} is not what its name says`);
    scripts++;
    bytes += code?.length ?? 0;
  }
  const totals = readScriptTotals(keyspace);
  if (totals === null) {
    if (scripts > 0) problem(`${scripts} scripts without their totals`);
  } else if (totals.scripts !== scripts || totals.bytes !== bytes) {
    problem(`${scripts} scripts of ${bytes} bytes, counted as ${totals.scripts} of ${totals.bytes}`);
  }
}

/** Prefixes of a table whose pieces are numbered from 0 without a gap; the others are problems. */
function wholePrefixes(keyspace: Keyspace, table: number, length: number, problem: Report): Buffer[] {
  const { store } = keyspace;
  const whole: Buffer[] = [];
  const pieces = new Map<string, number>();
  keyspace.forgetRow();
  store.keyBuffer[0] = table;
  const cursor = store.openCursor();
  try {
    for (let found = cursor.seek(1); found && cursor.key[0] === table; found = cursor.next()) {
      if (cursor.keyLength === 1) continue;
      if (cursor.keyLength !== length + 4) {
        problem(`a row of ${cursor.keyLength} key bytes in table ${table}`);
        continue;
      }
      const prefix = Buffer.from(cursor.key.subarray(0, length));
      const name = prefix.toString("hex");
      const piece = readU32(cursor.key, length);
      const expected = pieces.get(name) ?? 0;
      if (piece !== expected) problem(`piece ${piece} of ${name} where ${expected} should be`);
      else if (piece === 0) whole.push(prefix);
      pieces.set(name, piece + 1);
    }
  } finally {
    cursor.close();
  }
  return whole;
}
