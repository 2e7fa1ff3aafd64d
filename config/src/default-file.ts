/** Writes config/server.yaml from the table, so that the documented file and the directives cannot drift apart. */
import type { Directive } from "./directive.ts";
import { directiveGroups } from "./directive-table.ts";
import { renderValue } from "./yaml-editor.ts";

const WIDTH = 100;

const HEADER = `# Configuration of keydb-ts, with every directive at its default.
#
# Start the server with:  keydb-ts server.yaml  [--name value ...]
# Names and values are those of Redis 7.2 and KeyDB. A redis.conf is read as well. Values given on the command line win.
# Memory is given in bytes or with a unit: 1k is 1000, 1kb is 1024 bytes; m, mb, g and gb likewise. Case does not matter.
# Lines that are commented out name features still to come, or directives that mean nothing here and are accepted only
# so that existing files can be used. CONFIG REWRITE keeps comments and order.
`;

function wrap(text: string): string {
  const lines: string[] = [];
  let line = "#";
  for (const word of text.split(" ")) {
    if (line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = "#";
    }
    line += ` ${word}`;
  }
  return [...lines, line].join("\n");
}

function remarks(directive: Directive): string {
  const parts = [directive.doc, `Value: ${directive.unit}.`];
  if (directive.aliases !== undefined) parts.push(`Also called ${directive.aliases.join(", ")}.`);
  if (directive.comes !== undefined) parts.push(`Not in force yet: ${directive.comes} still to come.`);
  if (directive.noEffect !== undefined) parts.push(`No effect here: ${directive.noEffect}.`);
  if (directive.immutable === true) parts.push("Cannot be changed while the server runs.");
  return wrap(parts.join(" "));
}

function defaultValue(directive: Directive): string {
  if (directive.name === "dir") return "./";
  const lines = directive.type.lines(directive.default);
  if (directive.type.yaml !== "map") return renderValue(directive, lines);
  return lines.map(([key, ...words]) => `\n  ${key}: ${words.join(" ")}`).join("");
}

function setting(directive: Directive): string {
  const value = defaultValue(directive);
  const isIdle = directive.comes !== undefined || directive.noEffect !== undefined;
  return `${isIdle ? "# " : ""}${directive.name}:${value.startsWith("\n") ? "" : " "}${value}`;
}

export function renderDefaultFile(): string {
  const groups = directiveGroups.map((group) => {
    const rule = "#".repeat(WIDTH);
    const entries = group.directives.map((directive) => `${remarks(directive)}\n${setting(directive)}\n`);
    return `${rule}\n# ${group.title}\n${rule}\n\n${entries.join("\n")}`;
  });
  return `${HEADER}\n${groups.join("\n")}`;
}
