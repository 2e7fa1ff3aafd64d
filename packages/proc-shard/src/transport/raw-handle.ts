/**
 * The few members of Node's stream handles (TCP and Pipe) that the fast transport uses. They are not public API, so
 * `isRawHandle` looks before anything relies on them; without them the transport falls back to node:net's own ways
 * (ClientListener, "own" mode). Handles come from two places: from the supervisor over IPC, and from `onconnection`.
 */

/** A handle of a listening or connected stream socket. */
export interface RawHandle {
  readonly fd: number;
  /** Called for each accepted connection; `status` < 0 is a failed accept (a negative errno). */
  onconnection: ((status: number, client: RawHandle | undefined) => void) | null;
  /** Starts accepting; 0 or a negative errno. */
  listen(backlog: number): number;
  close(done?: () => void): void;
}

/** Whether this is a stream handle with the members above: what tells that the running Node can be driven directly. */
export function isRawHandle(value: unknown): value is RawHandle {
  if (typeof value !== "object" || value === null) return false;
  const handle = value as Partial<Record<keyof RawHandle, unknown>>;
  return typeof handle.listen === "function" && typeof handle.close === "function" && typeof handle.fd === "number";
}

/** The handle below a net.Socket or net.Server, or null when this Node hides it. */
export function rawHandleOf(owner: object): RawHandle | null {
  const handle = (owner as { _handle?: unknown })._handle;
  return isRawHandle(handle) ? handle : null;
}
