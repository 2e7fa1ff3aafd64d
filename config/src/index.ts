/** Configuration: the table of directives, loading, the values in force, changing and rewriting them. */
export { type Broadcast, ConfigAuthority } from "./config-authority.ts";
export { ConfigError } from "./config-error.ts";
export { renderDefaultFile } from "./default-file.ts";
export type { Directive, DirectiveGroup, Feature } from "./directive.ts";
export { directiveGroups, directiveIndex, directives } from "./directive-table.ts";
export { type LoadedConfig, type LoadOptions, loadConfig } from "./load-config.ts";
export {
  type ApplyHook,
  type ConfigChange,
  type Distribute,
  type EncodedChange,
  ServerConfig,
} from "./server-config.ts";
