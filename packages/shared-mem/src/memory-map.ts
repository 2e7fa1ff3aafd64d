/** mmap(2), posix_fallocate(3) and futex(2) through koffi: memory that several processes share, and waiting on it. */
import koffi from "koffi";
import { SystemCallError } from "./libc.ts";

const libc = koffi.load("libc.so.6");
const mmap = libc.func("void *mmap(void *address, size_t length, int protection, int flags, int fd, int64_t offset)");
const munmap = libc.func("int munmap(void *address, size_t length)");
const posixFallocate = libc.func("int posix_fallocate(int fd, int64_t offset, int64_t length)");
const futex = libc.func(
  "long syscall(long number, uintptr_t address, int operation, uint32_t value, const void *timeout, uintptr_t address2, uint32_t value3)",
);

const PROT_READ_WRITE = 3;
const PROT_READ = 1;
const MAP_SHARED = 1;
const MAP_PRIVATE_ANONYMOUS_NORESERVE = 0x4022;
const FUTEX_WAIT = 0;
const FUTEX_WAKE = 1;
const FUTEX_NUMBER: Readonly<Record<string, number>> = { x64: 202, arm64: 98 };

export interface MappedMemory {
  readonly bytes: ArrayBuffer;
  /** Where the memory starts in this process; a number, since user addresses stay below 2^53. */
  readonly address: number;
  unmap(): void;
}

/** Maps `length` bytes of an open file, shared with all other processes that map it. */
export function mapShared(fd: number, length: number): MappedMemory {
  const pointer: unknown = mmap(null, length, PROT_READ_WRITE, MAP_SHARED, fd, 0);
  const address = BigInt.asIntN(64, koffi.address(pointer));
  if (address === -1n) throw new SystemCallError("mmap", koffi.errno());
  return {
    bytes: koffi.view(pointer, length),
    address: Number(address),
    unmap() {
      munmap(pointer, length);
    },
  };
}

/** Memory of this process that is there already. The caller knows how long it stays. */
export function viewMemory(address: number, length: number): ArrayBuffer {
  return koffi.view(address, length);
}

/** Whether the address space has room for a mapping of this length (RLIMIT_AS, vm.overcommit_memory). */
export function canMap(length: number): boolean {
  const pointer: unknown = mmap(null, length, PROT_READ, MAP_PRIVATE_ANONYMOUS_NORESERVE, -1, 0);
  if (BigInt.asIntN(64, koffi.address(pointer)) === -1n) return false;
  munmap(pointer, length);
  return true;
}

/**
 * Makes sure that the file system has room for a part of the file: touching a mapped page without room kills the
 * process (SIGBUS).
 */
export function reserveSpace(fd: number, offset: number, length: number): void {
  const errno = posixFallocate(fd, offset, length) as number;
  if (errno !== 0) throw new SystemCallError("posix_fallocate", errno);
}

const timespec = new BigInt64Array(2);

/**
 * Sleeps while the 32-bit word at `address` holds `value`, at most `timeoutMs` (Infinity: for ever), in whatever
 * process it is woken from. May return early: the caller looks at the word again.
 */
export function futexWait(address: number, value: number, timeoutMs: number): void {
  if (timeoutMs <= 0) return;
  let timeout: BigInt64Array | null = null;
  if (Number.isFinite(timeoutMs)) {
    const ns = BigInt(Math.ceil(timeoutMs * 1e6));
    timespec[0] = ns / 1_000_000_000n;
    timespec[1] = ns % 1_000_000_000n;
    timeout = timespec;
  }
  futex(futexNumber(), address, FUTEX_WAIT, value >>> 0, timeout, 0, 0);
}

/** Wakes at most `count` sleepers of the word at `address`. */
export function futexWake(address: number, count: number): void {
  futex(futexNumber(), address, FUTEX_WAKE, count, null, 0, 0);
}

function futexNumber(): number {
  const number = FUTEX_NUMBER[process.arch];
  if (number === undefined) throw new Error(`no futex call known for ${process.arch}`);
  return number;
}
