/**
 * The TCP sockets that clients come in by. The supervisor opens one per worker seat and address, all with SO_REUSEPORT,
 * and hands each to the seat's worker, which makes it listen and alone accepts from it. Because the supervisor keeps a
 * reference, a socket and its queue outlive the worker: clients wait while a worker is replaced instead of being refused.
 * Before its first worker serves, a socket is bound but does not listen, so that no client waits for a slow start.
 *
 * SO_REUSEPORT would let a second server of the same user share our port unnoticed, so each address is first bound
 * without it.
 */
import { Socket } from "node:net";
import type { SystemCalls, TcpEndpoint } from "../system-calls.ts";
import { type RawHandle, rawHandleOf } from "../transport/raw-handle.ts";
import { parseBindAddresses, resolveEndpoint } from "./bind-address.ts";

/** Kernels without an address family: the address is passed over, as Redis does. */
const UNSUPPORTED = ["ENOPROTOOPT", "EPROTONOSUPPORT", "ESOCKTNOSUPPORT", "EPFNOSUPPORT", "EAFNOSUPPORT"];

/** The sockets of one seat. */
export interface SeatSockets {
  readonly handles: readonly RawHandle[];
}

export class ListenFailure extends Error {}

export interface ListenRequest {
  readonly bind: readonly string[];
  readonly port: number;
  readonly backlog: number;
}

/**
 * The endpoints to listen on, each found free or known to be ours already. Problems with optional addresses are told to `warn`; throws
 * ListenFailure with Redis' text for the others.
 */
export async function probeEndpoints(
  request: ListenRequest,
  system: SystemCalls,
  warn: (text: string) => void,
  isOurs: (endpoint: TcpEndpoint) => boolean = () => false,
): Promise<TcpEndpoint[]> {
  if (request.port === 0) return [];
  const endpoints: TcpEndpoint[] = [];
  for (const bind of parseBindAddresses(request.bind)) {
    try {
      const endpoint = await resolveEndpoint(bind, request.port);
      if (!isOurs(endpoint)) {
        system.closeDescriptor(system.openBoundSocket(endpoint, { reusePort: false }));
      }
      endpoints.push(endpoint);
    } catch (error) {
      const { code = "", message, syscall } = error as NodeJS.ErrnoException;
      const reason = syscall === undefined || syscall.startsWith("setsockopt") ? message : `${syscall}: ${message}`;
      const text = `Could not create server TCP listening socket ${bind.text}:${request.port}: ${reason}`;
      if ((code === "EADDRNOTAVAIL" && bind.isOptional) || UNSUPPORTED.includes(code)) warn(`Warning: ${text}`);
      else throw new ListenFailure(text);
    }
  }
  return endpoints;
}

/** Opens the sockets of one seat; null when the running Node cannot hand them over (workers then listen themselves). */
export function openSeatSockets(endpoints: readonly TcpEndpoint[], system: SystemCalls): SeatSockets | null {
  const handles: RawHandle[] = [];
  for (const endpoint of endpoints) {
    const fd = system.openBoundSocket(endpoint, { reusePort: true });
    // Wraps the descriptor without accepting from it, which a net.Server would do.
    const handle = rawHandleOf(new Socket({ fd, readable: false, writable: false }));
    if (handle === null) {
      system.closeDescriptor(fd);
      return null;
    }
    handles.push(handle);
  }
  return { handles };
}

export function closeSeatSockets(sockets: SeatSockets): void {
  for (const handle of sockets.handles) handle.close();
}
