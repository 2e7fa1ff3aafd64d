/** What the clients of this process have read (by key), and what they want to be told of (by prefix). Keys as latin1. */
import type { Session } from "../session/session.ts";

const NOBODY: ReadonlySet<number> = new Set();

export class TrackingTable {
  /** Client ids and keys, summed. */
  items = 0;
  private readonly readers: Map<string, Set<number>> = new Map();
  private readonly prefixed: Map<string, Set<Session>> = new Map();

  get keys(): number {
    return this.readers.size;
  }

  get prefixes(): number {
    return this.prefixed.size;
  }

  remember(key: string, clientId: number): void {
    const ids = this.readers.get(key);
    if (ids === undefined) this.readers.set(key, new Set([clientId]));
    else if (ids.has(clientId)) return;
    else ids.add(clientId);
    this.items++;
  }

  /** The clients that have read a key; they are forgotten. */
  take(key: string): ReadonlySet<number> {
    const ids = this.readers.get(key);
    if (ids === undefined) return NOBODY;
    this.readers.delete(key);
    this.items -= ids.size;
    return ids;
  }

  /** The key remembered first. */
  oldest(): string | null {
    return this.readers.keys().next().value ?? null;
  }

  clearKeys(): void {
    this.readers.clear();
    this.items = 0;
  }

  addPrefix(prefix: string, session: Session): void {
    const sessions = this.prefixed.get(prefix);
    if (sessions === undefined) this.prefixed.set(prefix, new Set([session]));
    else sessions.add(session);
  }

  removePrefix(prefix: string, session: Session): void {
    const sessions = this.prefixed.get(prefix);
    if (sessions?.delete(session) && sessions.size === 0) this.prefixed.delete(prefix);
  }

  broadcasts(): Iterable<[string, ReadonlySet<Session>]> {
    return this.prefixed;
  }
}
