/**
 * The values in force, held, coerced and validated by convict. Text given to convict is coerced by the custom format of
 * the directive's type, which throws Redis' reason; values that are already typed are checked by validate().
 */
import convict, { type Instance, type SchemaNode } from "convict";
import type { Directive } from "./directive.ts";
import { directiveIndex, directives } from "./directive-table.ts";
import { InvalidValue, type Value } from "./directive-type.ts";
import { joinArgs, splitArgs } from "./split-args.ts";

function directiveOf(name: string): Directive {
  const found = directiveIndex.get(name);
  if (found === undefined) throw new Error(`no directive ${name}`);
  return found;
}

/** Text for convict: the word itself, or all words quoted where the directive takes several. */
function encode(directive: Directive, words: readonly string[]): string {
  if (directive.type.takesWords) return joinArgs(words);
  if (words.length !== 1 || words[0] === undefined) throw new InvalidValue("wrong number of arguments");
  return words[0];
}

function coerce(text: string, instance: Instance | undefined, name: string): Value {
  const { type } = directiveOf(name);
  const words = type.takesWords ? splitArgs(text) : [text];
  if (words === null) throw new InvalidValue("Unbalanced quotes in configuration line");
  const previous = instance?.has(name) === true ? (instance.get(name) as Value) : undefined;
  return type.parse(words, previous);
}

/** Registers the formats once per process; convict keeps them in a registry of its own. */
function registerFormats(): void {
  const formats = new Set(directives.map((directive) => directive.type.format));
  for (const name of formats) {
    convict.addFormat({
      name,
      coerce,
      validate: (value, schema) => directiveOf((schema as NamedNode).directive).type.check(value as Value),
    });
  }
}

interface NamedNode extends SchemaNode {
  directive: string;
}

function schemaNode(directive: Directive): NamedNode {
  const { name, doc, type, sensitive = false } = directive;
  // convict coerces a default that is a string, so such a default is given as the words that mean it.
  const isText = typeof directive.default === "string";
  const value = isText ? encode(directive, type.lines(directive.default).flat()) : directive.default;
  return { directive: name, doc, format: type.format, default: value, sensitive };
}

registerFormats();

const schema: Readonly<Record<string, NamedNode>> = Object.fromEntries(
  directives.map((directive) => [directive.name, schemaNode(directive)]),
);

export class ValueStore {
  private readonly instance: Instance = convict({ ...schema }, { env: {}, args: [] });

  get(directive: Directive): Value {
    return this.instance.get(directive.name) as Value;
  }

  /** Coerces and takes a value; throws InvalidValue with Redis' reason and then keeps the old one. */
  setWords(directive: Directive, words: readonly string[]): void {
    this.instance.set(directive.name, encode(directive, words));
  }

  /** The words that set a directive's present value: setWords(words()) changes nothing. */
  words(directive: Directive): readonly string[] {
    return directive.type.lines(this.get(directive)).flat();
  }

  /** Takes back a value that get() gave. */
  restore(directive: Directive, value: Value): void {
    // Strings go through coercion as words, so that every value takes the same road.
    if (typeof value === "string") this.setWords(directive, directive.type.lines(value).flat());
    else this.instance.set(directive.name, value);
  }

  /** Checks every value against its format; throws with the list of faults. */
  validate(): void {
    this.instance.validate({ allowed: "strict" });
  }
}
