/** A temporary directory with configuration files, and loading from it without touching the process. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ConfigError, directiveIndex, type LoadedConfig, loadConfig, type ServerConfig } from "@keydb-ts/config";

export class Workspace {
  readonly path = mkdtempSync(join(tmpdir(), "keydb-config-"));

  file(name: string, content: string): string {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  read(name: string): string {
    return readFileSync(join(this.path, name), "utf8");
  }

  /** Loads with relative paths starting from the directory. */
  load(argv: readonly string[], stdin = ""): Promise<LoadedConfig> {
    return loadConfig(argv, () => Promise.resolve(stdin), { cwd: this.path, product: "keydb-ts 1.2.3" });
  }

  /** The text that stops the start; throws when nothing does. */
  async refusal(argv: readonly string[], stdin = ""): Promise<string> {
    try {
      await this.load(argv, stdin);
    } catch (error) {
      if (error instanceof ConfigError) return error.message;
      throw error;
    }
    throw new Error(`${argv.join(" ")} was accepted`);
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}

/** The texts of all directives, for comparing configurations. */
export function texts(config: ServerConfig): Record<string, string | undefined> {
  return Object.fromEntries([...directiveIndex.keys()].map((name) => [name, config.getText(name)]));
}
