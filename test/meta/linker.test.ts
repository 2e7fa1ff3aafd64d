/** scripts/link: modules as the compiler writes them, put into one file, do what they did apart. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import t, { type Test } from "tap";
import { type Linked, link } from "../../scripts/link/linker.ts";

function linkFiles(t: Test, files: Readonly<Record<string, string>>): { linked: Linked; target: string } {
  const root = t.testdir({ app: { dist: {}, linked: {} }, lib: { dist: {} } });
  for (const [name, code] of Object.entries(files)) {
    const path = join(root, name);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, code);
    const source = name.replace(/^.*\//, "").replace(".js", ".ts");
    // Line n comes from line n.
    const mappings = `AAAA${";AACA".repeat(code.split("\n").length - 1)}`;
    writeFileSync(`${path}.map`, JSON.stringify({ sources: [`../src/${source}`], mappings }));
  }
  const target = join(root, "app/linked/main.js");
  const resolvePackage = (name: string): string | null => (name === "lib" ? join(root, "lib/dist/index.js") : null);
  return { linked: link({ root, entry: join(root, "app/dist/main.js"), target, resolvePackage }), target };
}

t.test("names pass through indexes, aliases, namespaces and packages from outside", async (t) => {
  const { linked, target } = linkFiles(t, {
    "lib/dist/index.js": `export { add as plus } from "./add.js";\nexport * from "./words.js";\nexport { unused } from "./unused.js";\n`,
    "lib/dist/add.js": `/** Adds. */\nexport function add(a, b) {\n    return a + b;\n}\n//# sourceMappingURL=add.js.map`,
    "lib/dist/words.js": `export const HELLO = "hello";\nexport class Word {\n}\nexport const url = import.meta.url;\n`,
    "lib/dist/unused.js": `throw new Error("not asked for");\nexport const unused = 1;\n`,
    "app/dist/main.js": `import path, { basename as base } from "node:path";\nimport { HELLO, plus, url, Word, } from "lib";\nimport * as own from "./own.js";\nglobalThis.linkerTest = [plus(1, own.two), HELLO, base("/a/b"), path.sep, new Word() instanceof Word, url, await own.later(), import.meta.dirname];\n`,
    "app/dist/own.js": `export const two = 2;\nexport async function later() {\n    return "later";\n}\n`,
  });
  writeFileSync(target, linked.code);
  await import(pathToFileURL(target).href);
  const { linkerTest } = globalThis as unknown as { linkerTest: unknown[] };
  const url = pathToFileURL(join(target, "../../../lib/dist/words.js")).href;
  t.strictSame(linkerTest, [3, "hello", "b", "/", true, url, "later", join(target, "..")]);
  t.equal(linked.modules, 4, "what nobody asks for is left out");
});

t.test("the map leads to the line of the source", async (t) => {
  const { linked } = linkFiles(t, {
    "app/dist/main.js": `import { f } from "./f.js";\n// two\nf(3);\n`,
    "app/dist/f.js": `// one\nexport function f(n) {\n    throw new Error(n);\n}\n`,
  });
  const { SourceMap } = await import("node:module");
  const map = new SourceMap(JSON.parse(linked.map));
  const line = linked.code.split("\n").findIndex((text) => text.includes("throw new Error"));
  const entry = map.findEntry(line, 4) as { originalSource: string; originalLine: number };
  t.match(entry, { originalSource: "../src/f.ts", originalLine: 2 });
});

t.test("what cannot be linked is refused", async (t) => {
  const refused = (main: string, other: string): void => {
    linkFiles(t, { "app/dist/main.js": main, "app/dist/other.js": other });
  };
  t.throws(() => refused(`import { a } from "./other.js";\n`, `export const b = 1;\n`), /exports no a/);
  t.throws(() => refused(`import "./other.js";\n`, ""), /takes nothing/);
  t.throws(
    () => refused(`import { a } from "./other.js";\n`, `export default 1;\n`),
    /cannot link "export default 1;"/,
  );
  t.throws(() => refused(`import { a } from "./other.js";\n`, `export let a = 1;\n`), /cannot link/);
  t.throws(() => {
    linkFiles(t, {
      "app/dist/main.js": `import { a } from "./a.js";\n`,
      "app/dist/a.js": `import { b } from "./b.js";\nexport const a = () => b;\n`,
      "app/dist/b.js": `import { a } from "./a.js";\nexport const b = () => a;\n`,
    });
  }, /import circle/);
});
