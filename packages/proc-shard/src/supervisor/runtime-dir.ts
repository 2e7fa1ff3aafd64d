/**
 * The private directory for the sockets of the worker bus: mode 0700, with a path short enough for a unix socket, gone
 * when the server is. What a killed server left behind is removed by the next one of the same user.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** sun_path has 108 bytes; the longest name in the directory needs less than this. */
const MAX_PATH_BYTES = 108 - 24;

/** Creates the directory; throws when none of the usual places allows it. */
export function createRuntimeDir(environment: NodeJS.ProcessEnv): string {
  const places = [environment["RUNTIME_DIRECTORY"], environment["XDG_RUNTIME_DIR"], tmpdir(), "/tmp"];
  const prefix = `keydb-ts-${process.getuid?.() ?? 0}-`;
  let failure: unknown = new Error("no directory for the worker bus");
  for (const place of places) {
    if (place === undefined || place === "") continue;
    const template = join(place, `${prefix}${process.pid}-`);
    if (Buffer.byteLength(template) + 6 > MAX_PATH_BYTES) continue;
    try {
      removeLeftovers(place, prefix);
      return mkdtempSync(template);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** Directories of servers that no longer run; only those of this user can be removed anyway. */
function removeLeftovers(place: string, prefix: string): void {
  for (const name of readdirSync(place)) {
    const pid = name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : Number.NaN;
    if (Number.isNaN(pid) || isRunning(pid)) continue;
    rmSync(join(place, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
