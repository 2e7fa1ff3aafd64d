/** `--check-system`: looks for what the server needs or suffers from on this machine, and says so line by line. */
import { accessSync, constants, readFileSync, statfsSync } from "node:fs";

interface Finding {
  readonly what: string;
  /** Null = fine. */
  readonly problem: string | null;
  /** The server does not start with it. */
  readonly isFatal: boolean;
}

const REGION_BYTES = 64 * 1024 * 1024;
const BACKLOG = 511;
const DESCRIPTORS = 10_032;

function findings(): Finding[] {
  return [
    { what: "platform", problem: platformProblem(), isFatal: true },
    { what: "shared memory", problem: sharedMemoryProblem(), isFatal: true },
    { what: "connection backlog", problem: backlogProblem(), isFatal: false },
    { what: "open files", problem: descriptorProblem(), isFatal: false },
  ];
}

function platformProblem(): string | null {
  const isKnown = process.platform === "linux" && ["x64", "arm64"].includes(process.arch);
  return isKnown ? null : `${process.platform}-${process.arch} is not supported, linux-x64 and linux-arm64 are`;
}

function sharedMemoryProblem(): string | null {
  try {
    accessSync("/dev/shm", constants.W_OK | constants.X_OK);
    const { bavail, bsize } = statfsSync("/dev/shm");
    const freeBytes = bavail * bsize;
    return freeBytes >= REGION_BYTES ? null : `/dev/shm has ${freeBytes} bytes free, ${REGION_BYTES} are needed`;
  } catch (error) {
    return `/dev/shm cannot be used: ${(error as Error).message}`;
  }
}

function backlogProblem(): string | null {
  const limit = Number(readFileSync("/proc/sys/net/core/somaxconn", "latin1"));
  return limit >= BACKLOG ? null : `net.core.somaxconn is ${limit}, the default tcp-backlog is ${BACKLOG}`;
}

function descriptorProblem(): string | null {
  const limit = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "latin1"))?.[1] ?? "unlimited";
  const isEnough = limit === "unlimited" || Number(limit) >= DESCRIPTORS;
  return isEnough ? null : `the limit is ${limit}, the default maxclients needs ${DESCRIPTORS}`;
}

/** Prints one line per check; the exit code. */
export function checkSystem(): number {
  let exitCode = 0;
  for (const { what, problem, isFatal } of findings()) {
    console.log(`[${what}]...${problem === null ? "OK" : `${isFatal ? "FAILED" : "WARNING"}: ${problem}`}`);
    if (problem !== null && isFatal) exitCode = 1;
  }
  return exitCode;
}
