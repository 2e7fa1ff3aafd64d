/** What `--version` and `--help` print. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** From package.json, the only place where the version is written. */
export function serverVersion(): string {
  const path = join(import.meta.dirname, "..", "..", "package.json");
  return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
}

export function versionText(): string {
  return `keydb-ts server v=${serverVersion()} node=${process.versions.node} bits=64 ${process.platform}-${process.arch}`;
}

export const USAGE = `Usage: keydb-ts [/path/to/keydb.conf] [options] [-]
       keydb-ts -                 (the configuration comes from standard input)
       keydb-ts -v or --version
       keydb-ts -h or --help
       keydb-ts --check-system

The file may be YAML or have the syntax of redis.conf. Every directive is an option, too; options win over the file.

Examples:
       keydb-ts                             (all defaults: port 6379, 2 processes)
       keydb-ts /etc/redis/redis.conf
       keydb-ts --port 7777 --server-threads 4
       keydb-ts config/server.conf --loglevel verbose
       echo 'maxmemory 128mb' | keydb-ts -
`;
