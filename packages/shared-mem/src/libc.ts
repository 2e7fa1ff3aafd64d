/**
 * The C library calls that Node lacks and the supervisor needs: sockets that are bound but not yet accepted from,
 * datagrams to systemd, syslog(3), CPU affinity, file locks, the parent-death signal. Linux only, 64 bit.
 * Everything is synchronous and cheap; nothing here is on a client's path. Only this package may import koffi.
 */
import koffi from "koffi";

const libc = koffi.load("libc.so.6");
const c = {
  socket: libc.func("int socket(int domain, int type, int protocol)"),
  setsockopt: libc.func("int setsockopt(int fd, int level, int name, const int *value, uint32_t length)"),
  bind: libc.func("int bind(int fd, const void *address, uint32_t length)"),
  close: libc.func("int close(int fd)"),
  fcntl: libc.func("int fcntl(int fd, int command, int argument)"),
  accept4: libc.func("int accept4(int fd, void *address, void *length, int flags)"),
  sendto: libc.func(
    "int64_t sendto(int fd, const void *data, size_t length, int flags, const void *address, uint32_t address_length)",
  ),
  inet_pton: libc.func("int inet_pton(int family, const char *text, void *bytes)"),
  if_nametoindex: libc.func("uint32_t if_nametoindex(const char *name)"),
  strerror: libc.func("const char *strerror(int code)"),
  flock: libc.func("int flock(int fd, int operation)"),
  prctl: libc.func("int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)"),
  sched_setaffinity: libc.func("int sched_setaffinity(int pid, size_t length, const void *mask)"),
  sched_getaffinity: libc.func("int sched_getaffinity(int pid, size_t length, void *mask)"),
  openlog: libc.func("void openlog(const void *ident, int option, int facility)"),
  syslog: libc.func("void syslog(int priority, const char *format, ...)"),
};

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_REUSEPORT = 15;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
const MSG_NOSIGNAL = 0x4000;
const F_DUPFD_CLOEXEC = 1030;
const LOCK_EXCLUSIVE = 2;
const LOCK_NONBLOCK = 4;
const PR_SET_PDEATHSIG = 1;
/** Bytes of an affinity mask: 1024 processors, what glibc's cpu_set_t holds. */
const CPU_MASK_BYTES = 128;
const SUN_PATH_BYTES = 108;

/** A failed call: `errno` and its symbolic `code` ("EADDRINUSE"); the message is strerror's text. */
export class SystemCallError extends Error {
  readonly syscall: string;
  readonly errno: number;
  readonly code: string;
  constructor(syscall: string, errno: number) {
    super(c.strerror(errno) as string);
    this.syscall = syscall;
    this.errno = errno;
    this.code = Object.entries(koffi.os.errno).find(([, value]) => value === errno)?.[0] ?? String(errno);
  }
}

function check(result: number, syscall: string): number {
  if (result === -1) throw new SystemCallError(syscall, koffi.errno());
  return result;
}

/** A numeric address; IPv6 may carry a zone ("fe80::1%eth0"). */
export interface TcpEndpoint {
  readonly family: 4 | 6;
  readonly address: string;
  readonly port: number;
}

/**
 * Opens a TCP socket, bound but not listening yet, non-blocking and close-on-exec; returns its file descriptor. IPv6
 * sockets take IPv6 only. `reusePort` lets further sockets of this user listen on the same address, among which the
 * kernel spreads the connections; without it the call fails with EADDRINUSE when anything listens there already.
 */
export function openBoundSocket(endpoint: TcpEndpoint, options: { reusePort: boolean }): number {
  const domain = endpoint.family === 6 ? AF_INET6 : AF_INET;
  const fd = check(c.socket(domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
  try {
    setOption(fd, SOL_SOCKET, SO_REUSEADDR, "setsockopt SO_REUSEADDR");
    if (options.reusePort) setOption(fd, SOL_SOCKET, SO_REUSEPORT, "setsockopt SO_REUSEPORT");
    if (endpoint.family === 6) setOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, "setsockopt");
    const address = socketAddress(endpoint);
    check(c.bind(fd, address, address.length), "bind");
    return fd;
  } catch (error) {
    c.close(fd);
    throw error;
  }
}

function setOption(fd: number, level: number, name: number, syscall: string): void {
  check(c.setsockopt(fd, level, name, [1], 4), syscall);
}

/** struct sockaddr_in or sockaddr_in6: the family in host order, the port in network order. */
function socketAddress(endpoint: TcpEndpoint): Buffer {
  const [text, zone] = endpoint.address.split("%");
  const bytes = Buffer.alloc(endpoint.family === 6 ? 28 : 16);
  const domain = endpoint.family === 6 ? AF_INET6 : AF_INET;
  bytes.writeUInt16LE(domain, 0);
  bytes.writeUInt16BE(endpoint.port, 2);
  const host = bytes.subarray(endpoint.family === 6 ? 8 : 4);
  if (c.inet_pton(domain, text, host) !== 1) throw new SystemCallError("inet_pton", koffi.os.errno["EINVAL"] ?? 22);
  if (endpoint.family === 6 && zone !== undefined) bytes.writeUInt32LE(c.if_nametoindex(zone) as number, 24);
  return bytes;
}

/** Closes a descriptor got from `openBoundSocket`. */
export function closeDescriptor(fd: number): void {
  check(c.close(fd), "close");
}

/** A second descriptor, close-on-exec, of the same open socket. */
export function duplicateDescriptor(fd: number): number {
  return check(c.fcntl(fd, F_DUPFD_CLOEXEC, 0), "fcntl");
}

/** Takes a client from a listening socket: its descriptor, non-blocking and close-on-exec; -1 when it cannot be had now. */
export function acceptClient(listener: number): number {
  return c.accept4(listener, null, null, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

/**
 * Sends one datagram to a unix socket; a leading '@' of the path names the abstract namespace. Used for systemd's
 * NOTIFY_SOCKET, where Node has no datagram sockets of this family.
 */
export function sendUnixDatagram(path: string, text: string): void {
  const name = Buffer.from(path);
  if (name.length === 0 || name.length >= SUN_PATH_BYTES)
    throw new SystemCallError("sendto", koffi.os.errno["EINVAL"] ?? 22);
  const abstract = name[0] === 0x40;
  if (abstract) name[0] = 0;
  const address = Buffer.alloc(2 + name.length + (abstract ? 0 : 1));
  address.writeUInt16LE(AF_UNIX, 0);
  name.copy(address, 2);
  const fd = check(c.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
  try {
    const data = Buffer.from(text);
    check(Number(c.sendto(fd, data, data.length, MSG_NOSIGNAL, address, address.length)), "sendto");
  } finally {
    c.close(fd);
  }
}

/** Takes an exclusive lock on an open file without waiting; false when another process holds it. Ends with the process. */
export function lockFile(fd: number): boolean {
  if (c.flock(fd, LOCK_EXCLUSIVE | LOCK_NONBLOCK) === 0) return true;
  const errno = koffi.errno();
  if (errno === koffi.os.errno["EWOULDBLOCK"] || errno === koffi.os.errno["EAGAIN"]) return false;
  throw new SystemCallError("flock", errno);
}

/** Asks the kernel to send this process `signal` when the process that started it dies. */
export function setParentDeathSignal(signal: number): void {
  check(c.prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0), "prctl");
}

/** Processors that a process (0: this one) may run on, ascending. */
export function cpuAffinity(pid: number): number[] {
  const mask = Buffer.alloc(CPU_MASK_BYTES);
  check(c.sched_getaffinity(pid, CPU_MASK_BYTES, mask), "sched_getaffinity");
  const cpus: number[] = [];
  for (let cpu = 0; cpu < CPU_MASK_BYTES * 8; cpu++) {
    if (((mask[cpu >> 3] ?? 0) >> (cpu & 7)) & 1) cpus.push(cpu);
  }
  return cpus;
}

/**
 * Pins the main thread of a process (0: this one) to the given processors. Threads started later inherit it; Node's
 * pool and helper threads that run already keep theirs, so that they do not compete with the event loop.
 */
export function setCpuAffinity(pid: number, cpus: readonly number[]): void {
  const mask = Buffer.alloc(CPU_MASK_BYTES);
  for (const cpu of cpus) mask[cpu >> 3] = (mask[cpu >> 3] ?? 0) | (1 << (cpu & 7));
  check(c.sched_setaffinity(pid, CPU_MASK_BYTES, mask), "sched_setaffinity");
}

/** Facilities of syslog(3) that the configuration may name. */
const SYSLOG_FACILITIES: Readonly<Record<string, number>> = {
  user: 1,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
};
const LOG_PID = 1;
const LOG_NDELAY = 8;
const LOG_NOWAIT = 16;
/** openlog keeps the pointer it is given: the bytes must outlive every later syslog call of the process. */
let syslogIdent: unknown = null;

/** Prepares syslog(3) for this process. */
export function openSyslog(ident: string, facility: string): void {
  const bytes = Buffer.from(`${ident}\0`);
  const memory = koffi.alloc("char", bytes.length);
  new Uint8Array(koffi.view(memory, bytes.length)).set(bytes);
  c.openlog(memory, LOG_PID | LOG_NDELAY | LOG_NOWAIT, (SYSLOG_FACILITIES[facility.toLowerCase()] ?? 16) << 3);
  if (syslogIdent !== null) koffi.free(syslogIdent);
  syslogIdent = memory;
}

/** Sends one line to syslog; `severity` as in syslog(3): 7 debug, 6 info, 5 notice, 4 warning. */
export function writeSyslog(severity: number, text: string): void {
  c.syslog(severity, "%s", "string", text);
}
