/** INFO: which sections a client wants, and their assembly. The sections themselves are in info-sections.ts. */
import type { InfoParts } from "./info-fields.ts";
import { infoSections, type SectionName } from "./info-sections.ts";

/** Shown without arguments and for `default`. */
const DEFAULT_SECTIONS: ReadonlySet<string> = new Set([
  "server",
  "clients",
  "memory",
  "persistence",
  "stats",
  "replication",
  "cpu",
  "module_list",
  "errorstats",
  "cluster",
  "keyspace",
  "keydb",
]);

/** Names under which a section can be asked for, where they are not its own. */
const OTHER_NAMES: Partial<Record<SectionName, string>> = { modules: "module_list" };

/** The text for the given section names (any case); unknown names give nothing, as in Redis. */
export function infoText(parts: InfoParts, names: readonly string[]): string {
  const wanted = new Set<string>(names.length === 0 ? DEFAULT_SECTIONS : []);
  let all = false;
  for (const name of names.map((name) => name.toLowerCase())) {
    if (name === "default") for (const section of DEFAULT_SECTIONS) wanted.add(section);
    else if (name === "all" || name === "everything") all = true;
    else wanted.add(name);
  }
  const texts: string[] = [];
  for (const [name, section] of infoSections) {
    const onlyByName = name === "debug";
    if (wanted.has(name) || wanted.has(OTHER_NAMES[name] ?? name) || (all && !onlyByName)) {
      texts.push(`# ${section.title}\r\n${section.lines(parts)}`);
    }
  }
  return texts.join("\r\n");
}
