/**
 * What the supervisor needs from the operating system beyond Node; `packages/shared-mem` (libc.ts) has it, `bin` hands
 * it over. Failed calls throw an Error with `code` ("EADDRINUSE") and strerror's text as message.
 */
export interface SystemCalls {
  /** A TCP socket bound but not listening yet, non-blocking, close-on-exec; IPv6 ones take IPv6 only. */
  openBoundSocket(endpoint: TcpEndpoint, options: { reusePort: boolean }): number;
  closeDescriptor(fd: number): void;
  /** A second descriptor of the same open socket. */
  duplicateDescriptor(fd: number): number;
  /** One datagram to a unix socket; '@' first means the abstract namespace. */
  sendUnixDatagram(path: string, text: string): void;
  /** Exclusive lock on an open file, held until the process ends; false when another process has it. */
  lockFile(fd: number): boolean;
  cpuAffinity(pid: number): number[];
  setCpuAffinity(pid: number, cpus: readonly number[]): void;
}

export interface TcpEndpoint {
  readonly family: 4 | 6;
  /** Numeric. */
  readonly address: string;
  readonly port: number;
}
