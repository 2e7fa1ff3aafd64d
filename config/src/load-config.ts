/** From command-line arguments to the configuration in force: file, then standard input, then the options. */
import { closeSync, openSync } from "node:fs";
import { resolve } from "node:path";
import { fromBytes, toBytes } from "./byte-text.ts";
import { parseCommandLine } from "./command-line.ts";
import { ConfigError, systemErrorText } from "./config-error.ts";
import { ConfigLoader } from "./config-loader.ts";
import { directiveIndex } from "./directive-table.ts";
import { DEFAULT_PRODUCT, ServerConfig } from "./server-config.ts";
import { ValueStore } from "./value-store.ts";

export interface LoadedConfig {
  readonly config: ServerConfig;
  /** What the operator should know: one line per directive that is accepted without being in force. */
  readonly warnings: readonly string[];
  /** Absolute path of the configuration file; null without one. */
  readonly file: string | null;
}

export interface LoadOptions {
  /** Name and version for error texts. */
  readonly product?: string;
  /** Directory that relative paths start from. */
  readonly cwd?: string;
}

/** As in Redis, a log file that cannot be written stops the start. */
function checkLogFile(path: string, directory: string): void {
  if (path === "") return;
  try {
    closeSync(openSync(resolve(directory, path), "a"));
  } catch (error) {
    throw new ConfigError(`Can't open the log file: ${systemErrorText(error)}`);
  }
}

/**
 * Loads the configuration. `argv` are the arguments after the program's name; `stdin` is only called when `-` asks for
 * it. Throws ConfigError, whose message is the whole text to print before leaving with a non-zero code.
 */
export async function loadConfig(
  argv: readonly string[],
  stdin: () => Promise<string>,
  { product = DEFAULT_PRODUCT, cwd = process.cwd() }: LoadOptions = {},
): Promise<LoadedConfig> {
  const line = parseCommandLine(argv.map(toBytes));
  const file = line.file === null ? null : resolve(cwd, fromBytes(line.file));
  const store = new ValueStore();
  const dir = directiveIndex.get("dir");
  if (dir !== undefined) store.setWords(dir, [toBytes(cwd)]);
  const loader = new ConfigLoader(store, product, cwd);
  if (file !== null) loader.loadFile(file);
  if (line.readsStdin) loader.loadContent(toBytes(await stdin()), "standard input");
  loader.loadOptions(line.options);
  store.validate();
  const config = new ServerConfig(store, { file, product, cwd });
  checkLogFile(config.string("logfile"), loader.currentDirectory);
  return { config, warnings: loader.warnings, file };
}
