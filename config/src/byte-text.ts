/**
 * Configuration texts are byte strings inside this package: one char per byte, as Redis keeps them. These functions
 * cross the border to ordinary strings (paths, arguments, YAML), which are UTF-8.
 */

export function toBytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** Bytes that are not UTF-8 become U+FFFD. */
export function fromBytes(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}
