/** The `bind` directive: what its words mean, and which numeric endpoints they stand for. */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { TcpEndpoint } from "../system-calls.ts";

export interface BindAddress {
  /** As written, without the leading '-'; for messages. */
  readonly text: string;
  /** Written with a leading '-': an address that this machine does not have is passed over. */
  readonly isOptional: boolean;
  readonly family: 4 | 6;
  /** Numeric address or host name; null = every address of the family. */
  readonly host: string | null;
}

/** An empty list, or one empty word, means no TCP at all. A word with ':' is IPv6, any other IPv4 (as Redis decides). */
export function parseBindAddresses(words: readonly string[]): BindAddress[] {
  return words
    .filter((word) => word !== "")
    .map((word) => {
      const isOptional = word.startsWith("-");
      const text = isOptional ? word.slice(1) : word;
      const family = text.includes(":") ? 6 : 4;
      const isAny = text === "*" || (family === 6 && text === "::*");
      return { text, isOptional, family, host: isAny ? null : text };
    });
}

/** The endpoint of an address; host names are looked up. Throws an Error whose message says why there is none. */
export async function resolveEndpoint(bind: BindAddress, port: number): Promise<TcpEndpoint> {
  const { family, host } = bind;
  if (host === null) return { family, address: family === 6 ? "::" : "0.0.0.0", port };
  if (isIP(host.split("%")[0] ?? "") !== 0) return { family, address: host, port };
  try {
    const { address } = await lookup(host, { family });
    return { family, address, port };
  } catch {
    throw new Error("Name or service not known");
  }
}
