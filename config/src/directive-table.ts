/** The whole table: every directive of Redis 7.2 and KeyDB and our own, by group and by name. */
import type { Directive, DirectiveGroup, Feature } from "./directive.ts";
import { clusterGroup, replicationGroup, tlsGroup } from "./directives/distribution.ts";
import { loggingGroup, monitoringGroup, runtimeGroup, securityGroup } from "./directives/general.ts";
import { memoryGroup, typesGroup } from "./directives/memory.ts";
import { clientGroup, networkGroup, processGroup } from "./directives/network.ts";
import { aofGroup, dataGroup, storageGroup } from "./directives/persistence.ts";

export const directiveGroups: readonly DirectiveGroup[] = [
  processGroup,
  networkGroup,
  clientGroup,
  loggingGroup,
  monitoringGroup,
  securityGroup,
  runtimeGroup,
  dataGroup,
  aofGroup,
  memoryGroup,
  typesGroup,
  replicationGroup,
  clusterGroup,
  tlsGroup,
  storageGroup,
];

export const directives: readonly Directive[] = directiveGroups.flatMap((group) => group.directives);

function indexByName(): ReadonlyMap<string, Directive> {
  const index = new Map<string, Directive>();
  for (const directive of directives) {
    for (const name of [directive.name, ...(directive.aliases ?? [])]) {
      if (index.has(name)) throw new Error(`directive ${name} is declared twice`);
      index.set(name, directive);
    }
  }
  return index;
}

/** Directives by their names and aliases, all lower case. */
export const directiveIndex: ReadonlyMap<string, Directive> = indexByName();

/** Lines that only a configuration file (or the command line) may hold, with the words they need after the name. */
export interface FileDirective {
  readonly minWords: number;
  readonly maxWords: number;
  /** The feature that will read them; absent for lines read now. */
  readonly comes?: Feature;
  /** Why they mean nothing any more. */
  readonly noEffect?: string;
}

const NO_LONGER: FileDirective = { minWords: 1, maxWords: 1, noEffect: "Redis itself ignores it" };

export const fileDirectives: ReadonlyMap<string, FileDirective> = new Map<string, FileDirective>([
  ["include", { minWords: 1, maxWords: 1 }],
  ["rename-command", { minWords: 2, maxWords: 2, comes: "renaming of commands" }],
  ["user", { minWords: 1, maxWords: Number.POSITIVE_INFINITY, comes: "access control lists" }],
  ["loadmodule", { minWords: 1, maxWords: Number.POSITIVE_INFINITY, comes: "modules" }],
  ["list-max-ziplist-entries", NO_LONGER],
  ["list-max-ziplist-value", NO_LONGER],
  ["lua-replicate-commands", NO_LONGER],
]);
