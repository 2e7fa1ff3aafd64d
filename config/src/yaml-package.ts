/**
 * The `yaml` package, loaded when the first YAML text is met: that costs 35 ms of processor time, and most processes
 * never see one. Only this module may import it.
 */
import { createRequire } from "node:module";
import type * as Yaml from "yaml";

export type { LineCounter, Node, Pair, ParsedNode, Scalar } from "yaml";

function yaml(): typeof Yaml {
  // The module system keeps it.
  return createRequire(import.meta.url)("yaml") as typeof Yaml;
}

export function isMap(node: unknown): node is Yaml.YAMLMap {
  return yaml().isMap(node);
}

export function isPair(node: unknown): node is Yaml.Pair {
  return yaml().isPair(node);
}

export function isScalar(node: unknown): node is Yaml.Scalar {
  return yaml().isScalar(node);
}

export function isSeq(node: unknown): node is Yaml.YAMLSeq {
  return yaml().isSeq(node);
}

export function newLineCounter(): Yaml.LineCounter {
  return new (yaml().LineCounter)();
}

export function parseDocument(text: string, options: Yaml.ParseOptions = {}): Yaml.Document.Parsed {
  return yaml().parseDocument(text, options);
}

export function stringify(value: unknown, options: Yaml.CreateNodeOptions & Yaml.ToStringOptions): string {
  return yaml().stringify(value, options);
}
