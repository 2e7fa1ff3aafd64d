/**
 * Puts the modules that an entry point reaches into one file. Loading some 400 modules costs each process 0.3 s of
 * processor time, all of it for finding and connecting files; one file takes a fifth of that.
 *
 * Each module becomes a function of its own that runs once, in the order of imports, and returns its exports: nothing is
 * renamed, and own modules must not import each other in a circle. The entry's code comes last and may await. A name
 * imported through a package's index.js is taken from the module that defines it, so the index pulls in nothing else;
 * therefore importing a module for its effects alone is refused.
 */
import { dirname, join, relative } from "node:path";
import { LineMap } from "./line-map.ts";
import { type ImportStatement, type ModuleSource, readModule } from "./module-source.ts";

export interface LinkOptions {
  readonly root: string;
  /** The entry's compiled file. */
  readonly entry: string;
  /** Where the linked file will be. */
  readonly target: string;
  /** Compiled file of a specifier that names a package of this project; null for any other package. */
  resolvePackage(specifier: string): string | null;
}

export interface Linked {
  readonly code: string;
  /** Source map, JSON. */
  readonly map: string;
  readonly modules: number;
}

export function link(options: LinkOptions): Linked {
  return new Linker(options).run();
}

class Linker {
  private readonly options: LinkOptions;
  private readonly sources = new Map<string, ModuleSource>();
  /** Variable of each module that is placed already, in order. */
  private readonly placed = new Map<string, string>();
  private readonly open: string[] = [];
  /** Variables of the namespaces of packages from outside. */
  private readonly outside = new Map<string, string>();
  private readonly chunks: { readonly module: ModuleSource; readonly before: string; readonly after: string }[] = [];

  constructor(options: LinkOptions) {
    this.options = options;
  }

  run(): Linked {
    const { entry, root, target } = this.options;
    const source = this.source(entry);
    const header = this.importLines(source);
    this.chunks.push({ module: source, before: `{ ${header}`, after: "}" });
    const lines = [...this.outside].map(([specifier, name]) => `import * as ${name} from "${specifier}";`);
    const map = new LineMap(dirname(target));
    for (const { module, before, after } of this.chunks) {
      lines.push(`// ${relative(root, module.path)}`, before);
      map.place(module.path, lines.length);
      lines.push(...module.code.split("\n"), after);
    }
    return { code: lines.join("\n"), map: map.json(), modules: this.chunks.length };
  }

  private source(path: string): ModuleSource {
    let source = this.sources.get(path);
    if (source === undefined) {
      source = this.withPlace(readModule(path));
      this.sources.set(path, source);
    }
    return source;
  }

  /**
   * The linked file lies beside the entry's folder, at the same depth, so what the entry's neighbours say of their place
   * holds. The URL of another module is made from the linked file's.
   */
  private withPlace(source: ModuleSource): ModuleSource {
    const { entry, target } = this.options;
    if (dirname(source.path) === dirname(entry)) return source;
    const url = `new URL("${relative(dirname(target), source.path)}", import.meta.url).href`;
    const code = source.code.replaceAll("import.meta.url", () => url);
    if (code.replaceAll(url, "").includes("import.meta"))
      throw new Error(`${source.path}: cannot link its import.meta`);
    return { ...source, code };
  }

  /** The compiled file of an own module; null for a package from outside. */
  private resolve(from: string, specifier: string): string | null {
    return specifier.startsWith(".") ? join(dirname(from), specifier) : this.options.resolvePackage(specifier);
  }

  /** Places a module behind what it imports; returns its variable. */
  private place(path: string): string {
    const known = this.placed.get(path);
    if (known !== undefined) return known;
    if (this.open.includes(path)) throw new Error(`import circle: ${[...this.open, path].join(" -> ")}`);
    this.open.push(path);
    const source = this.source(path);
    const header = this.importLines(source);
    const passedOn = source.reExports.flatMap(({ specifier, names }) => {
      const inner = this.resolve(path, specifier);
      if (names === null) return [`...${inner === null ? this.external(specifier) : this.place(inner)}`];
      return names.map(({ name, local }) => `${local}: ${this.reference(path, specifier, name)}`);
    });
    const own = source.exports.map(({ name, local }) => (name === local ? name : `${name}: ${local}`));
    const variable = `m${this.placed.size}`;
    this.chunks.push({
      module: source,
      before: `const ${variable} = (() => { ${header}`,
      after: `return { ${[...own, ...passedOn].join(", ")} }; })();`,
    });
    this.placed.set(path, variable);
    this.open.pop();
    return variable;
  }

  private importLines(source: ModuleSource): string {
    return source.imports.map((statement) => this.importLine(source.path, statement)).join(" ");
  }

  private importLine(from: string, { specifier, names, namespace }: ImportStatement): string {
    if (names.length === 0 && namespace === "") throw new Error(`${from}: import of "${specifier}" takes nothing`);
    const lines = names.map(({ name, local }) => `const ${local} = ${this.reference(from, specifier, name)};`);
    if (namespace !== "") {
      const path = this.resolve(from, specifier);
      lines.push(`const ${namespace} = ${path === null ? this.external(specifier) : this.place(path)};`);
    }
    return lines.join(" ");
  }

  /** The expression for what `specifier` exports as `name`. */
  private reference(from: string, specifier: string, name: string): string {
    const path = this.resolve(from, specifier);
    if (path === null) return `${this.external(specifier)}.${name}`;
    const definition = this.definition(path, name);
    if (definition === null) throw new Error(`${from}: "${specifier}" exports no ${name}`);
    return `${this.place(definition.path)}.${definition.name}`;
  }

  /** Which module defines what `path` exports as `name`: looks through passed-on names. */
  private definition(path: string, name: string): { path: string; name: string } | null {
    const source = this.source(path);
    if (source.exports.some((binding) => binding.name === name)) return { path, name };
    for (const { specifier, names } of source.reExports) {
      const inner = this.resolve(path, specifier);
      const passed = names === null ? name : names.find(({ local }) => local === name)?.name;
      if (passed === undefined || inner === null) continue;
      const found = this.definition(inner, passed);
      if (found !== null) return found;
    }
    return null;
  }

  private external(specifier: string): string {
    let name = this.outside.get(specifier);
    if (name === undefined) {
      name = `x${this.outside.size}`;
      this.outside.set(specifier, name);
    }
    return name;
  }
}
