/**
 * The `set-proc-title` and `proc-title-template` directives: what the process list shows of the supervisor and of each
 * worker. The kernel keeps no more bytes than the process was started with; a longer title is cut.
 */
import type { ServerConfig } from "@keydb-ts/config";

/** Directives that the title is made of. */
const SOURCES = ["proc-title-template", "port", "tls-port", "bind", "unixsocket"] as const;

/** Shows the title from now on and keeps it up to date. `role`: "" for the supervisor, else which worker this is. */
export function followProcTitle(config: ServerConfig, configFile: string, role: string): void {
  if (!config.boolean("set-proc-title")) return;
  const title = role === "" ? "keydb-ts" : `keydb-ts-${role}`;
  const show = (): void => {
    process.title = expandTitle(config.string("proc-title-template"), variables(config, configFile, title));
  };
  show();
  for (const name of SOURCES) config.onChange(name, show);
}

function variables(config: ServerConfig, configFile: string, title: string): ReadonlyMap<string, string> {
  const port = config.number("port");
  const tlsPort = config.number("tls-port");
  const unixSocket = config.string("unixsocket");
  const address = config.list("bind")[0] ?? "*";
  return new Map([
    ["title", title],
    ["listen-addr", port || tlsPort ? `${address}:${port || tlsPort}` : `unixsocket:${unixSocket}`],
    ["server-mode", config.boolean("cluster-enabled") ? "[cluster]" : ""],
    ["config-file", configFile || "-"],
    ["port", `${port}`],
    ["tls-port", `${tlsPort}`],
    ["unixsocket", unixSocket],
  ]);
}

/** `{name}` becomes the variable's text, `{{` a brace. The directive's own check has found the template to be right. */
export function expandTitle(template: string, values: ReadonlyMap<string, string>): string {
  return template.replace(/\{\{|\{([^}]*)\}/g, (match, name: string | undefined) =>
    name === undefined ? "{" : (values.get(name) ?? match),
  );
}
