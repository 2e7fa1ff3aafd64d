/**
 * Edits a YAML file for CONFIG REWRITE. The document model tells where each value stands in the text; only those
 * stretches are replaced, so that comments, order and layout of all else stay byte for byte. Works on ordinary text.
 */
import { fromBytes, toBytes } from "./byte-text.ts";
import { type FileEditor, SIGNATURE } from "./conf-editor.ts";
import type { Directive } from "./directive.ts";
import { directiveIndex } from "./directive-table.ts";
import { InvalidValue } from "./directive-type.ts";
import { quoteIfNeeded } from "./split-args.ts";
import { isMap, isScalar, type Pair, type ParsedNode, parseDocument, stringify } from "./yaml-package.ts";

type Lines = readonly (readonly string[])[];
type YamlPair = Pair<ParsedNode, ParsedNode | null>;

const INLINE = { collectionStyle: "flow", lineWidth: 0, blockQuote: false, flowCollectionPadding: false } as const;

function inline(value: unknown): string {
  return stringify(value, INLINE).trim();
}

function decode(bytes: string): string {
  const text = fromBytes(bytes);
  if (toBytes(text) !== bytes) throw new InvalidValue("a value is not UTF-8 and cannot be written as YAML");
  return text;
}

function phrase(words: readonly string[]): string {
  return decode(words.map(quoteIfNeeded).join(" "));
}

/** The value of a directive on one line of YAML. */
export function renderValue(directive: Directive, lines: Lines): string {
  const { takesWords, yaml } = directive.type;
  const [first] = lines;
  if (first === undefined || (lines.length === 1 && first.length === 1 && first[0] === "")) return '""';
  if (!takesWords) {
    const text = decode(first[0] ?? "");
    const isNumber = typeof directive.default === "bigint" && /^(0|-?[1-9][0-9]{0,14})$/.test(text);
    return inline(isNumber ? Number(text) : text);
  }
  if (yaml === "words") return inline(first.map((word) => phrase([word])));
  if (yaml === "lines") return inline(lines.map(phrase));
  if (yaml === "map") return inline(Object.fromEntries(lines.map(([key = "", ...words]) => [key, phrase(words)])));
  return inline(phrase(first));
}

function keyOf(pair: YamlPair): string {
  return isScalar(pair.key) ? String(pair.key.value).toLowerCase() : "";
}

export class YamlEditor implements FileEditor {
  private text: string;

  constructor(bytes: string) {
    this.text = fromBytes(bytes);
    if (this.text !== "" && !this.text.endsWith("\n")) this.text += "\n";
  }

  set(directive: Directive, lines: Lines): void {
    const [first, ...others] = this.pairs(directive);
    if (first === undefined) {
      if (!this.text.split("\n").some((line) => line.trim() === SIGNATURE)) this.text += `${SIGNATURE}\n`;
      this.text += `${directive.name}: ${renderValue(directive, lines)}\n`;
      return;
    }
    for (const pair of others.reverse()) this.cut(pair);
    if (this.setKeyByKey(first, lines)) return;
    this.replaceValue(first, renderValue(directive, lines));
  }

  remove(directive: Directive): void {
    for (const pair of [...this.pairs(directive)].reverse()) this.cut(pair);
  }

  toText(): string {
    return toBytes(this.text);
  }

  private pairs(directive: Directive): readonly YamlPair[] {
    const { contents } = parseDocument(this.text);
    if (!isMap(contents)) return [];
    const pairs = contents.items as unknown as readonly YamlPair[];
    return pairs.filter((pair) => directiveIndex.get(keyOf(pair)) === directive);
  }

  /** Where a map names each first word on a line of its own, only the values that differ are replaced. */
  private setKeyByKey(pair: YamlPair, lines: Lines): boolean {
    if (!isMap(pair.value) || pair.value.flow === true) return false;
    const items = pair.value.items as unknown as readonly YamlPair[];
    const edits = lines.map(([key = "", ...words]) => {
      const item = items.find((candidate) => keyOf(candidate) === key);
      return item === undefined ? null : ([item, phrase(words)] as const);
    });
    if (edits.includes(null) || items.length !== lines.length) return false;
    const ordered = edits.filter((edit) => edit !== null).sort(([a], [b]) => start(b) - start(a));
    for (const [item, value] of ordered) {
      const isSame = isScalar(item.value) && String(item.value.value) === value;
      if (!isSame) this.replaceValue(item, inline(value));
    }
    return true;
  }

  private replaceValue(pair: YamlPair, value: string): void {
    const range = pair.value?.range;
    const from = range?.[0] ?? pair.key.range[1] + 1;
    // A block's end includes the line break after it.
    const old = this.text.slice(from, range?.[1] ?? from);
    const to = from + old.trimEnd().length;
    const gap = /[\s]$/.test(this.text.slice(0, from)) ? "" : " ";
    this.text = this.text.slice(0, from) + gap + value + this.text.slice(to);
  }

  /** Removes a pair with the lines it stands on. */
  private cut(pair: YamlPair): void {
    const from = this.text.lastIndexOf("\n", pair.key.range[0]) + 1;
    const end = pair.value?.range[1] ?? pair.key.range[1];
    const to = this.text.indexOf("\n", Math.max(pair.key.range[1], end - 1));
    this.text = this.text.slice(0, from) + (to < 0 ? "" : this.text.slice(to + 1));
  }
}

function start(pair: YamlPair): number {
  return pair.key.range[0];
}
