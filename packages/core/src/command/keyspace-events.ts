/** Classes of keyspace events, by the letters of `notify-keyspace-events`. */
const LETTERS = "KEg$lshzxetmdn";

function bitOf(letter: string): number {
  return 1 << LETTERS.indexOf(letter);
}

export const NOTIFY = {
  keyspace: bitOf("K"),
  keyevent: bitOf("E"),
  generic: bitOf("g"),
  string: bitOf("$"),
  list: bitOf("l"),
  set: bitOf("s"),
  hash: bitOf("h"),
  zset: bitOf("z"),
  expired: bitOf("x"),
  evicted: bitOf("e"),
  stream: bitOf("t"),
  keyMiss: bitOf("m"),
  new: bitOf("n"),
} as const;

/** The classes that `A` stands for. */
const ALL = "g$lshzxetd";

/** Bits of a directive's value; 0 when nothing would ever be published. */
export function notifyFlags(text: string): number {
  let flags = 0;
  for (const letter of text.replace("A", ALL)) flags |= bitOf(letter);
  return (flags & (NOTIFY.keyspace | NOTIFY.keyevent)) === 0 ? 0 : flags;
}

/** Publishes what happened to keys. Implemented by server/keyspace-notifier.ts. */
export interface KeyspaceEvents {
  /** Classes that are published; 0 when the feature is off. */
  readonly flags: number;
  publish(event: string, db: number, key: Buffer): void;
}
