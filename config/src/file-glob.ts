/** Paths that match a pattern, as glob(3) finds them for `include`: sorted, hidden names only if the pattern says so. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** True when a path holds a wildcard and so may match any number of files, even none. */
export function isPattern(path: string): boolean {
  return /[*?[]/.test(path);
}

/** One path component as a regular expression. */
function componentPattern(component: string): RegExp {
  let source = "";
  for (let at = 0; at < component.length; at++) {
    const char = component.charAt(at);
    const close = char === "[" ? component.indexOf("]", at + (/[!^]/.test(component.charAt(at + 1)) ? 3 : 2)) : -1;
    if (char === "*") source += ".*";
    else if (char === "?") source += ".";
    else if (close > 0) {
      const negated = /[!^]/.test(component.charAt(at + 1));
      const set = component.slice(at + (negated ? 2 : 1), close).replace(/[\\\]^]/g, "\\$&");
      source += `[${negated ? "^" : ""}${set}]`;
      at = close;
    } else if (char === "\\" && at + 1 < component.length) {
      at++;
      source += escapeRegExp(component.charAt(at));
    } else source += escapeRegExp(char);
  }
  return new RegExp(`^${source}$`, "su");
}

function escapeRegExp(char: string): string {
  return char.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

function namesIn(directory: string, component: string): string[] {
  try {
    const pattern = componentPattern(component);
    return readdirSync(directory)
      .filter((name) => pattern.test(name) && (component.startsWith(".") || !name.startsWith(".")))
      .sort();
  } catch {
    // As in glob(3), what cannot be read or is no pattern matches nothing.
    return [];
  }
}

/** `pattern` is absolute. */
export function globFiles(pattern: string): string[] {
  let paths = ["/"];
  for (const component of pattern.split("/").filter((part) => part !== "")) {
    paths = isPattern(component)
      ? paths.flatMap((directory) => namesIn(directory, component).map((name) => join(directory, name)))
      : paths.map((directory) => join(directory, component)).filter((path) => existsSync(path));
  }
  return paths;
}
