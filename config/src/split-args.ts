/**
 * The word syntax of redis.conf lines (sdssplitargs) and its inverse (sdscatrepr). Texts are byte strings: one char per
 * byte, so that escapes such as "\xff" survive.
 */

const SPACES = new Set([" ", "\t", "\n", "\v", "\f", "\r"]);
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", a: "\x07" };
const REVERSE_ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  '"': '\\"',
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\x07": "\\a",
  "\b": "\\b",
};

function endsWord(line: string, at: number): boolean {
  return at >= line.length || SPACES.has(line.charAt(at));
}

/**
 * Splits a line into words; quotes may begin anywhere in a word, but must be followed by a space or the end.
 * Returns null when quotes are unbalanced.
 */
export function splitArgs(line: string): string[] | null {
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && SPACES.has(line.charAt(at))) at++;
    if (at >= line.length) return words;
    let word = "";
    let quote = "";
    for (;;) {
      const char = line.charAt(at);
      if (quote === "") {
        // Only these four end a bare word; vertical tab and form feed do not (as in sdssplitargs).
        if (char === "" || char === " " || char === "\n" || char === "\r" || char === "\t") break;
        if (char === '"' || char === "'") quote = char;
        else word += char;
        at++;
      } else if (char === "") {
        return null;
      } else if (char === quote) {
        if (!endsWord(line, at + 1)) return null;
        at++;
        break;
      } else if (quote === "'") {
        const escaped = char === "\\" && line.charAt(at + 1) === "'";
        word += escaped ? "'" : char;
        at += escaped ? 2 : 1;
      } else if (char === "\\" && /^x[0-9a-fA-F]{2}/.test(line.slice(at + 1, at + 4))) {
        word += String.fromCharCode(Number.parseInt(line.slice(at + 2, at + 4), 16));
        at += 4;
      } else if (char === "\\" && at + 1 < line.length) {
        const next = line.charAt(at + 1);
        word += ESCAPES[next] ?? next;
        at += 2;
      } else {
        word += char;
        at++;
      }
    }
    words.push(word);
  }
}

/** Writes a word in double quotes, so that splitArgs gives it back byte for byte. */
export function quoteArg(word: string): string {
  let quoted = '"';
  for (const char of word) {
    const code = char.charCodeAt(0);
    quoted +=
      REVERSE_ESCAPES[char] ?? (code >= 0x20 && code < 0x7f ? char : `\\x${code.toString(16).padStart(2, "0")}`);
  }
  return `${quoted}"`;
}

/** Writes a word for a configuration line: bare where that is safe, quoted elsewhere. */
export function quoteIfNeeded(word: string): string {
  return /^[\x21-\x7e]+$/.test(word) && !/["'\\]/.test(word) ? word : quoteArg(word);
}

/** Joins words into text that splitArgs takes apart again without loss. */
export function joinArgs(words: readonly string[]): string {
  return words.map(quoteArg).join(" ");
}
