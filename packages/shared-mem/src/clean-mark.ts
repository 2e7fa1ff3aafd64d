/**
 * The mark that tells whether the store's file can be trusted after a start. The file is not flushed while the server
 * runs: a crash of the processes loses nothing (the kernel has the pages), a crash of the machine may leave it torn.
 * So the mark holds the kernel's boot id and whether the last server shut down in order. One small file beside the
 * data: "clean|dirty <boot id>\n".
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";

const MARK_FILE = "clean-mark";

/**
 * `new`: no mark, nothing was ever stored here. `clean`: shut down in order, the file was flushed. `same-boot`: the
 * server was killed, but the machine ran on: the file is whole. `torn`: the machine went down under a running server.
 */
export type CleanMark = "new" | "clean" | "same-boot" | "torn";

/** Reads the mark of a store directory. A mark that cannot be understood counts as torn. */
export function readCleanMark(directory: string): CleanMark {
  let text: string;
  try {
    text = readFileSync(join(directory, MARK_FILE), "latin1");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "new";
    throw error;
  }
  const [state, boot] = text.trim().split(" ");
  if (state === "clean") return "clean";
  return state === "dirty" && boot === bootId() ? "same-boot" : "torn";
}

/** Notes that the store is in use. Before the first write of a server's life. */
export function markDirty(directory: string): void {
  writeMark(directory, "dirty");
}

/** Notes that the store was shut down in order. After the file was flushed and nobody writes any more. */
export function markClean(directory: string): void {
  writeMark(directory, "clean");
}

/** On disk when it returns: written beside, flushed, renamed, directory flushed. */
function writeMark(directory: string, state: "clean" | "dirty"): void {
  const path = join(directory, MARK_FILE);
  const fd = openSync(`${path}.new`, "w", 0o600);
  try {
    writeSync(fd, `${state} ${bootId()}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(`${path}.new`, path);
  const directoryFd = openSync(directory, "r");
  try {
    fsyncSync(directoryFd);
  } finally {
    closeSync(directoryFd);
  }
}

function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
}
