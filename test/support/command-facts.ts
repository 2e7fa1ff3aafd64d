/** What a server says of its commands (COMMAND INFO and DOCS in RESP3), as plain facts without prose. */
import type { Reply } from "./resp-frames.ts";

export interface ArgFact {
  readonly name: string;
  readonly type: string;
  readonly display?: string;
  readonly keySpecIndex?: number;
  readonly token?: string;
  readonly since?: string;
  readonly deprecatedSince?: string;
  readonly flags?: readonly string[];
  readonly args?: readonly ArgFact[];
}

export interface CommandFact {
  readonly arity: number;
  readonly group: string;
  readonly since: string;
  readonly flags: readonly string[];
  readonly categories: readonly string[];
  /** First key, last key, step. */
  readonly range: readonly number[];
  readonly tips?: readonly string[];
  /** Key specs: flags, where the search begins, how the keys are found. */
  readonly keys?: readonly unknown[];
  readonly args?: readonly ArgFact[];
  readonly docFlags?: readonly string[];
  readonly deprecatedSince?: string;
  /** Versions in which the command changed. */
  readonly history?: readonly string[];
}

/** Runs a command on a connection that speaks RESP3. */
export type Run = (...args: string[]) => Promise<Reply>;

type Facts = Map<Reply, Reply>;

function words(reply: Reply | undefined): string[] {
  return [...(reply as Iterable<Reply>)].map(String).sort();
}

/** Plain data of a reply; maps become objects with their keys in order. */
function plain(reply: Reply): unknown {
  if (reply instanceof Map) {
    const entries = [...reply].map(([key, value]) => [String(key), plain(value)] as const);
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
  if (reply instanceof Set) return words(reply);
  return Array.isArray(reply) ? reply.map(plain) : reply;
}

function argFact(reply: Reply): ArgFact {
  const arg = reply as Facts;
  const text = (name: string): string | undefined => arg.get(name) as string | undefined;
  const name = text("name") ?? "";
  const display = text("display_text");
  const flags = arg.get("flags");
  const nested = arg.get("arguments") as Reply[] | undefined;
  return defined({
    name,
    type: text("type") ?? "",
    display: display === name ? undefined : display,
    keySpecIndex: arg.get("key_spec_index") as number | undefined,
    token: text("token"),
    since: text("since"),
    deprecatedSince: text("deprecated_since"),
    flags: flags === undefined ? undefined : words(flags),
    args: nested?.map(argFact),
  }) as unknown as ArgFact;
}

function defined(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function keyFact(reply: Reply): unknown {
  const spec = plain(reply) as Record<string, unknown>;
  // The notes are prose.
  const { notes: _, ...facts } = spec;
  return facts;
}

function commandFact(info: Reply[], docs: Facts): CommandFact {
  const [, arity, flags, first, last, step, categories, tips, keys] = info;
  const args = docs.get("arguments") as Reply[] | undefined;
  const docFlags = docs.get("doc_flags");
  const history = docs.get("history") as Iterable<Reply> | undefined;
  const some = <T>(list: readonly T[]): readonly T[] | undefined => (list.length === 0 ? undefined : list);
  return defined({
    arity,
    group: docs.get("group"),
    since: docs.get("since"),
    flags: words(flags),
    categories: words(categories),
    range: [first, last, step],
    tips: some([...(tips as Iterable<Reply>)].map(String)),
    keys: some([...(keys as Iterable<Reply>)].map(keyFact)),
    args: args?.map(argFact),
    docFlags: docFlags === undefined ? undefined : words(docFlags),
    deprecatedSince: docs.get("deprecated_since"),
    history: history === undefined ? undefined : [...history].map((entry) => String((entry as Reply[])[0])),
  }) as unknown as CommandFact;
}

/** All commands and subcommands by full name. */
export async function describeCommands(run: Run): Promise<Record<string, CommandFact>> {
  const docs = new Map<string, Facts>();
  const noteDocs = (map: Facts): void => {
    for (const [name, doc] of map) {
      docs.set(String(name), doc as Facts);
      const subcommands = (doc as Facts).get("subcommands");
      if (subcommands !== undefined) noteDocs(subcommands as Facts);
    }
  };
  noteDocs((await run("COMMAND", "DOCS")) as Facts);
  const facts: Record<string, CommandFact> = {};
  const noteInfo = (infos: Iterable<Reply>): void => {
    for (const info of infos as Iterable<Reply[]>) {
      const name = String(info[0]);
      facts[name] = commandFact(info, docs.get(name) ?? new Map());
      noteInfo(info[9] as Iterable<Reply>);
    }
  };
  noteInfo((await run("COMMAND")) as Reply[]);
  return facts;
}
