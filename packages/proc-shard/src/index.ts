export { WorkerBus, type WorkerBusOptions } from "./bus/worker-bus.ts";
export type { ConfigChange, PeerAddress, ShutdownRequest } from "./ipc/messages.ts";
export type { ConfigMaster } from "./supervisor/config-authority.ts";
export { type ListenRequest, ListenFailure } from "./supervisor/listening-sockets.ts";
export { Supervisor, type SupervisorOptions } from "./supervisor/supervisor.ts";
export type { SystemCalls, TcpEndpoint } from "./system-calls.ts";
export { ClientListener, type ClientListenerOptions } from "./transport/client-listener.ts";
export type { WorkerLink } from "./worker/worker-link.ts";
export { runWorker, type WorkerApplication, type WorkerContext } from "./worker/worker-process.ts";
