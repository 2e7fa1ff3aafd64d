/**
 * How replies are compared. Without a mask the bytes must be equal. A mask names what may differ; it turns the reply
 * into a canonical text first. The canonical text is also what is recorded of a reference (recording.ts).
 *
 *   number    runs of digits may differ          near      integers may differ by a little (time to live)
 *   sorted    order of the elements at the top   deepsorted  order of the elements everywhere
 *   shape     only types and sizes               type      only the type of the reply
 *   ignore    nothing is compared                info      the reference's INFO sections and fields must be there
 *   command   COMMAND INFO without prose and without the list of subcommands (each is compared by itself)
 *   docs      COMMAND DOCS likewise              client    CLIENT INFO/LIST: only the fields that are not the machine's
 *   rawclose  raw bytes: whether the server closed and what it said are compared (as without a mask)
 */
import { createHash } from "node:crypto";
import { decodeFrame, type Reply, RespError } from "../support/resp-frames.ts";
import { showBytes } from "./scenario.ts";

const LONGEST_TEXT = 4000;
/** Fields of a client line that two servers must agree on. */
const CLIENT_FIELDS = [
  "name",
  "flags",
  "db",
  "sub",
  "psub",
  "ssub",
  "multi",
  "watch",
  "cmd",
  "user",
  "redir",
  "resp",
  "lib-name",
  "lib-ver",
];
/** Keys of COMMAND DOCS and of key specs whose values are prose, or compared elsewhere. */
const PROSE = ["subcommands", "summary", "complexity", "history", "deprecated_since", "replaced_by", "notes"];
/** Where an entry of COMMAND INFO lists its subcommands. */
const SUBCOMMANDS = 9;

/** The canonical text of a reply under a mask. `reply` is the exact bytes. */
export function canonical(reply: Buffer, mask: string): string {
  const text = maskReply(reply, mask);
  if (text.length <= LONGEST_TEXT || mask === "info" || mask === "near") return text;
  return `sha256 ${createHash("sha256").update(text, "latin1").digest("hex")} of ${text.length} characters`;
}

/** Why our reply differs, or null. Both texts are canonical. */
export function difference(reference: string, ours: string, mask: string): string | null {
  if (mask === "ignore") return null;
  if (mask === "near") return isNear(reference, ours) ? null : "not near";
  if (mask === "info") {
    const present = new Set(ours.split(" "));
    const missing = reference.split(" ").filter((name) => !present.has(name));
    return missing.length === 0 ? null : `missing ${missing.join(" ")}`;
  }
  return reference === ours ? null : "differs";
}

function maskReply(reply: Buffer, mask: string): string {
  if (mask === "" || mask === "rawclose") return showBytes(reply.toString("latin1"));
  if (mask === "ignore") return "";
  if (mask === "type") return reply.toString("latin1", 0, 1);
  const value = decodeFrame(reply);
  switch (mask) {
    case "number":
      return render(value).replace(/\d+/g, "N");
    case "near":
      return render(value);
    case "sorted":
      return Array.isArray(value) || value instanceof Set
        ? [...value]
            .map((item) => render(item))
            .sort()
            .join(" ")
        : render(value);
    case "deepsorted":
      return render(value, true);
    case "shape":
      return shape(value);
    case "info":
      return infoNames(value);
    case "docs":
      return render(withoutProse(value), true);
    case "command":
      return render(withoutProse(withoutSubcommands(value)), true);
    case "client":
      return clientFields(value);
    default:
      throw new Error(`unknown mask ${mask}`);
  }
}

function isNear(a: string, b: string): boolean {
  const [x, y] = [Number(a), Number(b)];
  if (!Number.isFinite(x) || !Number.isFinite(y) || x < 0 || y < 0) return a === b;
  return Math.abs(x - y) <= 2 + 0.02 * Math.max(x, y);
}

/** One line of text in which the types stay visible. */
export function render(value: Reply, sorted = false): string {
  const list = (items: Iterable<Reply>): string => {
    const texts = [...items].map((item) => render(item, sorted));
    return (sorted ? texts.sort() : texts).join(" ");
  };
  if (value === null) return "nil";
  if (value instanceof RespError) return `error(${showBytes(value.message)})`;
  if (value instanceof Map) return `{${list([...value].map(([key, item]) => [key, item]))}}`;
  if (value instanceof Set) return `set(${list(value)})`;
  if (Array.isArray(value)) return `[${list(value)}]`;
  if (typeof value === "string") return `"${showBytes(value)}"`;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function shape(value: Reply): string {
  // A number that is a key (a histogram's bucket) is a measurement too.
  const name = (key: Reply): string => (typeof key === "number" ? "number" : render(key));
  if (value instanceof Map) {
    const entries = [...value].map(([key, item]) => `${name(key)} ${shape(item)}`);
    return `{${entries.sort().join(" ")}}`;
  }
  if (value instanceof Set) return `set ${value.size}`;
  if (Array.isArray(value)) return `[${value.map(shape).join(" ")}]`;
  if (value === null) return "nil";
  return value instanceof RespError ? "error" : typeof value;
}

function textOf(value: Reply): string {
  if (value !== null && typeof value === "object" && "text" in value) return value.text;
  return typeof value === "string" ? value : render(value);
}

function infoNames(value: Reply): string {
  const names = textOf(value)
    .split("\r\n")
    .map((line) => (line.startsWith("#") ? line.replace(" ", "") : (line.split(":")[0] ?? "")));
  return names.filter(Boolean).join(" ");
}

function clientFields(value: Reply): string {
  const lines = textOf(value).trimEnd().split("\n");
  return lines
    .map((line) => {
      const fields = line.split(" ").filter((field) => CLIENT_FIELDS.includes(field.split("=")[0] ?? ""));
      return fields.join(" ");
    })
    .sort()
    .join(" | ");
}

function withoutSubcommands(value: Reply): Reply {
  if (!Array.isArray(value)) return value;
  return value.map((entry) => (Array.isArray(entry) ? entry.slice(0, SUBCOMMANDS) : entry));
}

/** Drops the prose of COMMAND DOCS, in its map form (RESP3) and its flat form (RESP2). */
function withoutProse(value: Reply): Reply {
  if (value instanceof Map) {
    const kept = [...value].filter(([key]) => !PROSE.includes(String(key)));
    return new Map(kept.map(([key, item]) => [key, withoutProse(item)]));
  }
  if (value instanceof Set) return new Set([...value].map(withoutProse));
  if (!Array.isArray(value)) return value;
  const kept: Reply[] = [];
  for (let i = 0; i < value.length; i++) {
    const item = value[i] ?? null;
    if (typeof item === "string" && PROSE.includes(item) && i % 2 === 0) i++;
    else kept.push(withoutProse(item));
  }
  return kept;
}
