/**
 * One module as the TypeScript compiler writes it, taken apart: what it imports, what it exports, and its code with the
 * import and export words blanked out, line for line. Forms that this project does not use (default exports, exported
 * destructuring, dynamic import of own modules) are refused rather than guessed at.
 */
import { readFileSync } from "node:fs";

export interface Binding {
  readonly name: string;
  readonly local: string;
}

export interface ImportStatement {
  readonly specifier: string;
  /** Names taken; "default" is the default export. */
  readonly names: readonly Binding[];
  /** Name of the namespace (`* as name`); "" without one. */
  readonly namespace: string;
}

export interface ReExport {
  readonly specifier: string;
  /** Names passed on; null for `export *`. */
  readonly names: readonly Binding[] | null;
}

export interface ModuleSource {
  readonly path: string;
  /** As many lines as the file. */
  readonly code: string;
  readonly imports: readonly ImportStatement[];
  readonly reExports: readonly ReExport[];
  readonly exports: readonly Binding[];
}

const IMPORT = /^import (?:([^"';]+?) from )?"([^"]+)";$/gm;
const RE_EXPORT = /^export (\*|\{[^}]*\}) from "([^"]+)";$/gm;
const EXPORT_LIST = /^export \{([^}]*)\};$/gm;
const EXPORT_DECLARATION = /^export ((?:async )?(?:function\*?|class|const) ([\w$]+))/gm;
const SOURCE_MAP = /^\/\/# sourceMappingURL=.*$/m;

export function readModule(path: string): ModuleSource {
  const imports: ImportStatement[] = [];
  const reExports: ReExport[] = [];
  const exports: Binding[] = [];
  const code = readFileSync(path, "utf8")
    .replace(SOURCE_MAP, "")
    .replace(IMPORT, (text: string, clause: string | undefined, specifier: string) => {
      imports.push({ specifier, ...importClause(clause ?? "", path) });
      return lineBreaks(text);
    })
    .replace(RE_EXPORT, (text: string, clause: string, specifier: string) => {
      reExports.push({ specifier, names: clause === "*" ? null : bindings(clause.slice(1, -1)) });
      return lineBreaks(text);
    })
    .replace(EXPORT_LIST, (text: string, list: string) => {
      exports.push(...bindings(list).map(({ name, local }) => ({ name: local, local: name })));
      return lineBreaks(text);
    })
    .replace(EXPORT_DECLARATION, (_, declaration: string, name: string) => {
      exports.push({ name, local: name });
      return declaration;
    });
  const left = /^(?:import|export)\b.*$/m.exec(code);
  if (left !== null) throw new Error(`${path}: cannot link "${left[0]}"`);
  return { path, code, imports, reExports, exports };
}

function importClause(clause: string, path: string): Pick<ImportStatement, "names" | "namespace"> {
  const names: Binding[] = [];
  let namespace = "";
  const braces = /\{([^}]*)\}/.exec(clause);
  if (braces !== null) names.push(...bindings(braces[1] ?? ""));
  for (const part of clause.replace(/\{[^}]*\}/, "").split(",")) {
    const word = part.trim();
    if (word.startsWith("* as ")) namespace = word.slice(5);
    else if (/^[\w$]+$/.test(word)) names.push({ name: "default", local: word });
    else if (word !== "") throw new Error(`${path}: cannot link import "${clause}"`);
  }
  return { names, namespace };
}

/** `a, b as c` */
function bindings(list: string): Binding[] {
  return list
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "")
    .map((item) => {
      const [name = "", local = name] = item.split(" as ");
      return { name, local };
    });
}

function lineBreaks(text: string): string {
  return "\n".repeat(text.split("\n").length - 1);
}
