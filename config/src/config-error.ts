/** Errors that stop the start: the message is all that has to be printed. */
import { getSystemErrorMap } from "node:util";

export class ConfigError extends Error {}

/** A line of configuration, for messages. */
export interface Origin {
  /** The file's path, "standard input" or "the command line". */
  readonly source: string;
  /** Line, or number of the option on the command line; from 1. */
  readonly line: number;
  /** The line as it was read, without surrounding blanks. */
  readonly text: string;
}

/** The text that Redis prints for a bad line, under the given product's name. */
export function badLine(product: string, origin: Origin, reason: string): ConfigError {
  return new ConfigError(
    `\n*** FATAL CONFIG FILE ERROR (${product}) ***\n` +
      `Reading the configuration file, at line ${origin.line} of ${origin.source}\n` +
      `>>> '${origin.text}'\n${reason}`,
  );
}

/** strerror of the C library where the runtime's own text differs in more than the first letter. */
const C_TEXTS: Readonly<Record<string, string>> = {
  EACCES: "Permission denied",
  EISDIR: "Is a directory",
  ELOOP: "Too many levels of symbolic links",
  ENAMETOOLONG: "File name too long",
  EROFS: "Read-only file system",
};

/** What strerror says about a failed system call. */
export function systemErrorText(error: unknown): string {
  const { code, errno } = error as NodeJS.ErrnoException;
  if (code === undefined || errno === undefined) return error instanceof Error ? error.message : String(error);
  const text = C_TEXTS[code] ?? getSystemErrorMap().get(errno)?.[1] ?? code;
  return text.charAt(0).toUpperCase() + text.slice(1);
}
