/** The first line of scripts and libraries: `#!lua flags=no-writes,allow-oom`, `#!lua name=mylib`. */

import { errorReply } from "../base/errors.ts";
import { splitArgs } from "../base/sds-split.ts";
import { scriptFlagBit } from "../keyspace/script-flags.ts";

const LF = 10;

export interface ScriptHead {
  /** Bits of SCRIPT_FLAG; null: no first line of this kind, so the script does as scripts always did. */
  readonly flags: number | null;
  /** Where the code starts: at the end of the first line, so that line numbers hold. */
  readonly codeStart: number;
}

/** The words of the line that `code` starts with; null when it cannot be split. */
function firstLine(code: Buffer): { words: string[] | null; end: number } | null {
  const end = code.indexOf(LF);
  // Redis ends its texts at the first zero byte.
  if (end < 0 || code.subarray(0, end).includes(0)) return null;
  const words = splitArgs(code, 0, end)?.map((word) => word.latin1Slice()) ?? null;
  return { words: words === null || words.length === 0 ? null : words, end };
}

function hasShebang(code: Buffer): boolean {
  return code[0] === 0x23 && code[1] === 0x21;
}

/** Throws Redis' texts. */
export function readScriptHead(code: Buffer): ScriptHead {
  if (!hasShebang(code)) return { flags: null, codeStart: 0 };
  const line = firstLine(code);
  if (line === null) throw errorReply("ERR Invalid script shebang");
  const { words, end } = line;
  if (words === null) throw errorReply("ERR Invalid engine in script shebang");
  const [engine, ...options] = words;
  if (engine !== "#!lua") throw errorReply(`ERR Unexpected engine in script shebang: ${engine}`);
  let flags = 0;
  for (const option of options) {
    if (!option.startsWith("flags=")) throw errorReply(`ERR Unknown lua shebang option: ${option}`);
    const list = option.slice("flags=".length);
    for (const name of list === "" ? [] : list.split(",")) {
      const bit = scriptFlagBit(name);
      if (bit === 0) throw errorReply(`ERR Unexpected flag in script shebang: ${name}`);
      flags |= bit;
    }
  }
  return { flags, codeStart: end };
}

export interface LibraryHead {
  readonly engine: string;
  readonly name: string;
  readonly codeStart: number;
}

/** Throws Redis' texts. */
export function readLibraryHead(code: Buffer): LibraryHead {
  if (!hasShebang(code)) throw errorReply("ERR Missing library metadata");
  const line = firstLine(code);
  if (line === null || line.words === null) throw errorReply("ERR Invalid library metadata");
  const [engine = "", ...options] = line.words;
  let name: string | null = null;
  for (const option of options) {
    if (!option.toLowerCase().startsWith("name=")) throw errorReply(`ERR Invalid metadata value given: ${option}`);
    if (name !== null) throw errorReply("ERR Invalid metadata value, name argument was given multiple times");
    name = option.slice("name=".length);
  }
  if (name === null) throw errorReply("ERR Library name was not given");
  return { engine: engine.slice(2), name, codeStart: line.end };
}
