/**
 * Turns command-line arguments into lines of configuration, as Redis 7 does: `--name value ...` takes all arguments up
 * to the next one with `--`, except that the first value of a name may itself begin with `--`; name and value may also
 * share one argument (`--name value` quoted, or --name=value); --save without value means none.
 */
import { directiveIndex, fileDirectives } from "./directive-table.ts";
import { quoteArg, splitArgs } from "./split-args.ts";

export interface CommandLine {
  /** The configuration file's path as given. */
  readonly file: string | null;
  readonly readsStdin: boolean;
  /** Directives, one a line, in the syntax of redis.conf. */
  readonly options: string;
}

/** `--name=value` as name and value, where the name is known. */
function splitAssignment(argument: string): string | null {
  const match = /^--([A-Za-z0-9_-]+)=(.*)$/s.exec(argument);
  const name = match?.[1];
  if (name === undefined) return null;
  const isKnown = directiveIndex.has(name.toLowerCase()) || fileDirectives.has(name.toLowerCase());
  return isKnown ? `${name} ${quoteArg(match?.[2] ?? "")}` : null;
}

/** `argv` are the arguments after the program's name, as byte strings. */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const first = argv[0];
  const file = first !== undefined && !first.startsWith("-") ? first : null;
  let readsStdin = false;
  let options = "";
  let hasValue = true;
  for (let at = file === null ? 0 : 1; at < argv.length; at++) {
    const argument = argv[at] ?? "";
    const next = argv[at + 1];
    if (argument === "-" && (at === 0 || next === undefined)) {
      readsStdin = true;
    } else if (hasValue && argument.startsWith("--")) {
      if (options !== "") options += "\n";
      const assignment = splitAssignment(argument);
      options += `${assignment ?? argument.slice(2)} `;
      hasValue = assignment !== null || splitArgs(argument)?.length !== 1;
      if (!hasValue && argument.toLowerCase() === "--save" && (next === undefined || next.startsWith("--"))) {
        options += '""';
        hasValue = true;
      }
    } else {
      options += `${quoteArg(argument)} `;
      hasValue = true;
    }
  }
  return { file, readsStdin, options };
}
