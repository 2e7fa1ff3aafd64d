/** The servers that a benchmark compares: ours with some workers, redis-server, and whatever --against names. */
import { cpuUsec } from "../../test/support/proc-facts.ts";
import { RespClient } from "../../test/support/resp-client.ts";
import { startReference, startServer } from "../../test/support/server.ts";
import { ServerProcess } from "../../test/support/server-process.ts";

export interface Target {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** The server's processes, whose CPU time and memory count; empty when they are not known. */
  pids(): number[];
  connect(): Promise<RespClient>;
  /** The process that we started; null for a server that was running. */
  readonly server: ServerProcess | null;
  stop(): Promise<void>;
}

function ofProcess(name: string, server: ServerProcess): Target {
  return {
    name,
    host: "127.0.0.1",
    port: server.port,
    pids: () => server.pids(),
    connect: () => server.connect({ timeoutMs: 120_000 }),
    server,
    stop: () => server.destroy(),
  };
}

export async function ourTarget(workers: number, nodeArgs: readonly string[] = []): Promise<Target> {
  const config = { save: "", maxclients: 20_000 };
  const server = await startServer({ processes: workers, config, nodeArgs, startTimeoutMs: 60_000 });
  return ofProcess(`keydb-ts ${workers}w`, server);
}

export async function redisTarget(): Promise<Target | null> {
  const server = await startReference({ config: { maxclients: 20_000 } });
  return server === null ? null : ofProcess("redis-server", server);
}

/** `text` is HOST:PORT[,PID...] of a running server, or a command with {port} and {dir} in it. */
export async function namedTarget(text: string): Promise<Target> {
  if (text.includes("{port}")) {
    const command = (port: number, dir: string): string[] =>
      text.replaceAll("{port}", String(port)).replaceAll("{dir}", dir).split(" ");
    const name = (text.split(" ")[0] ?? "").split("/").at(-1) ?? "against";
    return ofProcess(name, await ServerProcess.start({ name, listeners: 1, command }));
  }
  const [address = "", ...pids] = text.split(",");
  const colon = address.lastIndexOf(":");
  const [host, port] = [address.slice(0, colon) || "127.0.0.1", Number(address.slice(colon + 1))];
  return {
    name: address,
    host,
    port,
    pids: () => pids.map(Number),
    connect: () => RespClient.connect({ host, port, timeoutMs: 120_000 }),
    server: null,
    stop: async () => undefined,
  };
}

/** CPU time of all processes of a target so far, microseconds. */
export function cpuOf(target: Target): number {
  return cpuUsec(target.pids());
}

/** The end of a server's log, to be shown with a failure; empty for a server that somebody else started. */
export function logOf(target: Target): string {
  return target.server === null ? "" : `\n${target.server.output.slice(-2000)}`;
}
