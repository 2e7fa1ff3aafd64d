/**
 * `client-output-buffer-limit`: a client whose unsent output passes the hard limit, or stays over the soft limit for
 * the given seconds, is cut off, so that a slow reader cannot take the server's memory.
 */
import type { Client } from "../command/client.ts";
import type { Session } from "../session/session.ts";

export interface OutputLimit {
  /** Bytes; 0 = none. */
  readonly hard: number;
  readonly soft: number;
  readonly softSeconds: number;
}
export type ClientClass = "normal" | "replica" | "pubsub";

/** Replies up to this size fit into Redis' fixed reply buffer, and pass whatever the limit. */
const SMALL_REPLY = 16 * 1024;
const NO_LIMIT: OutputLimit = { hard: 0, soft: 0, softSeconds: 0 };

export class OutputLimits {
  private limits: Record<ClientClass, OutputLimit> = { normal: NO_LIMIT, replica: NO_LIMIT, pubsub: NO_LIMIT };

  set(limits: Record<ClientClass, OutputLimit>): void {
    this.limits = limits;
  }

  /** The limits that apply to a client. */
  of(client: Client): OutputLimit {
    return client.subscriptions === null ? this.limits.normal : this.limits.pubsub;
  }

  hasHardLimit(client: Client): boolean {
    return this.of(client).hard > 0;
  }

  /** Bytes that a session may still be sent before it passes its hard limit. */
  room(session: Session): number {
    const { hard } = this.of(session.client);
    return hard === 0 ? Number.POSITIVE_INFINITY : hard - session.connection.pendingBytes;
  }

  /** As in Redis, a reply that passes the hard limit is not sent at all. */
  refuses(session: Session, size: number): boolean {
    return size > SMALL_REPLY && size >= this.room(session);
  }

  /** Whether the session must be cut off with `pending` unsent bytes. Starts and ends the soft limit's time. */
  exceeded(session: Session, pending: number): boolean {
    const limit = this.of(session.client);
    if (limit.hard > 0 && pending >= limit.hard) return true;
    if (limit.soft === 0 || pending < limit.soft) {
      session.softLimitSinceMs = 0;
      return false;
    }
    const now = Date.now();
    if (session.softLimitSinceMs === 0) session.softLimitSinceMs = now;
    return now - session.softLimitSinceMs > limit.softSeconds * 1000;
  }
}
