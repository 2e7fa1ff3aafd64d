/**
 * Reads the YAML syntax: one map from directive names to values. A value is a scalar, a list (words of one directive,
 * or one line each for directives that may be repeated), or a map whose keys are first words, as for
 * client-output-buffer-limit. A list is the whole value: unlike several lines in redis.conf, `save` adds to nothing. Plain scalars are taken as they are written, so that 64mb and 0700 mean what they mean in
 * redis.conf; true and false stand for yes and no.
 */
import { fromBytes, toBytes } from "./byte-text.ts";
import type { Entry } from "./conf-syntax.ts";
import { badLine, type ConfigError, type Origin } from "./config-error.ts";
import { directiveIndex, fileDirectives } from "./directive-table.ts";
import { splitArgs } from "./split-args.ts";
import {
  isMap,
  isPair,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
  newLineCounter,
  parseDocument,
  type Scalar,
} from "./yaml-package.ts";

/** True for text whose first line with content looks like YAML: a document mark or `name:`. */
export function looksLikeYaml(text: string): boolean {
  const first = text.split("\n").find((line) => /^\s*[^\s#]/.test(line));
  return first !== undefined && /^(---|%YAML|["']?[A-Za-z0-9_.-]+["']?:)(\s|$)/.test(first);
}

function scalarText(node: Scalar): string {
  if (typeof node.value === "string") return toBytes(node.value);
  if (node.value === null) return "";
  if (typeof node.value === "boolean") return node.value ? "yes" : "no";
  return toBytes(node.source ?? String(node.value));
}

interface Reader {
  readonly source: string;
  readonly product: string;
  readonly lines: readonly string[];
  readonly counter: LineCounter;
}

function originAt(reader: Reader, offset: number): Origin {
  const line = Math.max(1, reader.counter.linePos(offset).line);
  return { source: reader.source, line, text: toBytes((reader.lines[line - 1] ?? "").trim()) };
}

function fault(reader: Reader, node: unknown, reason: string): ConfigError {
  const range = (node as Node | null)?.range;
  return badLine(reader.product, originAt(reader, range?.[0] ?? 0), reason);
}

/** Words that a value's text stands for after a first word or in a list of lines. */
function wordsOf(reader: Reader, node: unknown): string[] {
  if (isSeq(node)) return node.items.flatMap((item) => wordsOf(reader, item));
  if (!isScalar(node)) throw fault(reader, node, "a plain value was expected here");
  const text = scalarText(node);
  const words = text === "" ? [""] : splitArgs(text);
  if (words === null) throw fault(reader, node, "Unbalanced quotes in configuration line");
  return words;
}

function isRepeatable(name: string): boolean {
  return fileDirectives.has(name) || name === "replicaof" || name === "slaveof";
}

/** The lines that the value would be in redis.conf. */
function entriesOf(reader: Reader, name: string, value: unknown, origin: Origin): Entry[] {
  const entries = valueEntries(reader, name, value, origin);
  return name === "save" ? [{ name, words: [""], origin }, ...entries] : entries;
}

function valueEntries(reader: Reader, name: string, value: unknown, origin: Origin): Entry[] {
  const takesWords = directiveIndex.get(name)?.type.takesWords ?? false;
  if (isMap(value)) {
    return value.items.flatMap((pair) => {
      const key = isPair(pair) && isScalar(pair.key) ? scalarText(pair.key) : "";
      const words = [key, ...wordsOf(reader, pair.value)];
      return [{ name, words, origin: originAt(reader, (pair.key as Node | null)?.range?.[0] ?? 0) }];
    });
  }
  if (isSeq(value)) {
    if (value.items.length === 0) return isRepeatable(name) ? [] : [{ name, words: [""], origin }];
    if (isRepeatable(name)) {
      return value.items.map((item) => {
        const itemOrigin = originAt(reader, (item as Node | null)?.range?.[0] ?? 0);
        return { name, words: wordsOf(reader, item), origin: itemOrigin };
      });
    }
    // A list of words for one directive; each item of save and the like may hold several.
    return [{ name, words: value.items.flatMap((item) => wordsOf(reader, item)), origin }];
  }
  if (value !== null && !isScalar(value)) throw fault(reader, value, "aliases are not supported");
  const text = value === null ? "" : scalarText(value);
  if (takesWords || isRepeatable(name)) {
    return [{ name, words: value === null ? [""] : wordsOf(reader, value), origin }];
  }
  return [{ name, words: [text], origin }];
}

/** `bytes` is the file's content as a byte string. Throws ConfigError for what is not a map of directives. */
export function readYaml(bytes: string, source: string, product: string): Entry[] {
  const text = fromBytes(bytes);
  const counter = newLineCounter();
  const reader: Reader = { source, product, lines: text.split("\n"), counter };
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  const problem = document.errors[0];
  if (problem !== undefined) throw badLine(product, originAt(reader, problem.pos[0]), problem.message);
  if (document.contents === null) return [];
  if (!isMap(document.contents)) throw fault(reader, document.contents, "directives must be written as 'name: value'");
  return document.contents.items.flatMap((pair) => {
    if (!isScalar(pair.key)) throw fault(reader, pair.key, "directives must be written as 'name: value'");
    const name = scalarText(pair.key).toLowerCase();
    return entriesOf(reader, name, pair.value, originAt(reader, pair.key.range?.[0] ?? 0));
  });
}
