/**
 * CONFIG REWRITE: makes the configuration file say what is in force. Directives whose value the file (with what it
 * includes) already gives are left alone; others are changed in place or appended. The new text is read back before it
 * replaces the old file in one step.
 */
import { randomBytes } from "node:crypto";
import { open, readFile, realpath, rename, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { fromBytes } from "./byte-text.ts";
import { ConfEditor, type FileEditor } from "./conf-editor.ts";
import { ConfigError, systemErrorText } from "./config-error.ts";
import { ConfigLoader } from "./config-loader.ts";
import type { Directive } from "./directive.ts";
import { directives } from "./directive-table.ts";
import { InvalidValue } from "./directive-type.ts";
import { joinArgs } from "./split-args.ts";
import { ValueStore } from "./value-store.ts";
import { YamlEditor } from "./yaml-editor.ts";
import { looksLikeYaml } from "./yaml-syntax.ts";

export interface RewriteOptions {
  readonly file: string;
  readonly product: string;
  /** Directory from which the file's relative paths start. */
  readonly cwd: string;
  /** Writes every directive, even one that the file need not mention. */
  readonly forceAll: boolean;
}

const NEW_FILE_MODE = 0o644;
const PERMISSIONS = 0o7777;

/** What a text says about a directive, to compare with what is in force. */
type Reading = (directive: Directive) => string;

function readText(text: string, { file, product, cwd }: RewriteOptions): Reading {
  const store = new ValueStore();
  const loader = new ConfigLoader(store, product, cwd);
  loader.loadContent(text, file);
  return (directive) => {
    // A relative directory holds only for one way of starting; it is made absolute, as Redis does.
    if (directive.name === "dir" && loader.directoryIsRelative) return "";
    return joinArgs(store.words(directive));
  };
}

function differing(store: ValueStore, reading: Reading): readonly Directive[] {
  return directives.filter((directive) => reading(directive) !== joinArgs(store.words(directive)));
}

function write(editor: FileEditor, store: ValueStore, directive: Directive): void {
  editor.set(directive, directive.type.lines(store.get(directive)));
}

/** The file's new text. Throws ConfigError or InvalidValue when no text can say what is in force. */
function rewriteText(text: string, store: ValueStore, options: RewriteOptions): string {
  const isYaml = /\.ya?ml$/i.test(options.file) || looksLikeYaml(text);
  const editor = isYaml ? new YamlEditor(text) : new ConfEditor(text);
  const stale = differing(store, readText(editor.toText(), options));
  for (const directive of options.forceAll ? directives : stale) write(editor, store, directive);
  // What an included file overrides has to come after it.
  for (const directive of differing(store, readText(editor.toText(), options))) {
    editor.remove(directive);
    write(editor, store, directive);
  }
  const left = differing(store, readText(editor.toText(), options))[0];
  if (left !== undefined) throw new InvalidValue(`'${left.name}' cannot be written into this file`);
  return editor.toText();
}

/** Writes beside the file and renames over it, keeping its mode and owner; nothing is left behind on failure. */
async function replaceFile(path: string, content: string): Promise<void> {
  const old = await stat(path).catch(() => null);
  const temporary = `${path}.${randomBytes(6).toString("hex")}`;
  const handle = await open(temporary, "wx", old === null ? NEW_FILE_MODE : old.mode & PERMISSIONS);
  try {
    try {
      await handle.writeFile(content, "latin1");
      if (old !== null) {
        await handle.chmod(old.mode & PERMISSIONS);
        // Only root may give a file away; for others it already belongs to the right user or cannot.
        await handle.chown(old.uid, old.gid).catch(() => undefined);
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  const directory = await open(dirname(path), "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

async function readOld(path: string): Promise<string> {
  try {
    return await readFile(path, "latin1");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

/** Resolves with null, or with the error text of CONFIG REWRITE. */
export async function rewriteConfigFile(store: ValueStore, options: RewriteOptions): Promise<string | null> {
  try {
    const path = await realpath(options.file).catch(() => options.file);
    await replaceFile(path, rewriteText(await readOld(path), store, options));
    return null;
  } catch (error) {
    const known = error instanceof ConfigError || error instanceof InvalidValue;
    if (!known && (error as NodeJS.ErrnoException).code === undefined) throw error;
    const reason = known ? error.message.trim().replaceAll("\n", "; ") : systemErrorText(error);
    return `ERR Rewriting config file: ${fromBytes(reason)}`;
  }
}
