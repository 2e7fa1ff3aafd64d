/** Checks of texts that have a form of their own. Each tells whether Redis would take the text. */

const TITLE_VARIABLES = new Set([
  "title",
  "listen-addr",
  "server-mode",
  "config-file",
  "port",
  "tls-port",
  "unixsocket",
]);

/** {name} for known names, {{ for a brace, and not blank when expanded with empty title. */
export function isProcTitleTemplate(template: string): boolean {
  let expanded = "";
  let at = 0;
  while (at < template.length) {
    const open = template.indexOf("{", at);
    if (open < 0) {
      expanded += template.slice(at);
      break;
    }
    expanded += template.slice(at, open);
    if (template.charAt(open + 1) === "{") {
      expanded += "{";
      at = open + 2;
      continue;
    }
    const close = template.indexOf("}", open);
    const name = close < 0 ? "" : template.slice(open + 1, close);
    if (!TITLE_VARIABLES.has(name)) return false;
    // Title and mode are empty in Redis' check, the socket path may be; the others always show something.
    if (name !== "title" && name !== "server-mode" && name !== "unixsocket") expanded += name;
    at = close + 1;
  }
  return expanded.replaceAll(" ", "") !== "";
}

/** A file name without any directory. */
export function isBaseName(path: string): boolean {
  return !path.includes("/") && !path.includes("\\");
}

/** The system's C locales, and whatever the runtime's collation knows. */
export function isKnownLocale(name: string): boolean {
  const language = name.split(/[.@]/)[0] ?? "";
  if (language === "" || language === "C" || language === "POSIX") return true;
  try {
    return Intl.Collator.supportedLocalesOf(language.replaceAll("_", "-")).length > 0;
  } catch {
    return false;
  }
}

const MAX_HOST_NAME = 256;

/** Why a text cannot be announced as host name; null when it can. */
export function hostNameFault(name: string): string | null {
  if (name.length >= MAX_HOST_NAME) return `Hostnames must be less than ${MAX_HOST_NAME} characters`;
  return /^[A-Za-z0-9.-]*$/.test(name) ? null : "Hostnames may only contain alphanumeric characters, hyphens or dots";
}

/** Why a text cannot be a node's human name; null when it can. */
export function nodeNameFault(name: string): string | null {
  return /[!#$%&()*+:;<>?@[\]^{|}~]/.test(name) ? "Announced human node name contained invalid character" : null;
}
