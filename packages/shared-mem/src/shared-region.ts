/**
 * SharedState (port: core/ports/shared-state.ts) on a file that every process of the server maps. The supervisor
 * creates it, each worker attaches with the slot the supervisor gave it, and the supervisor removes it at the end.
 * Nothing in it survives the server. A row keeps its totals when its process dies; its gauges are zeroed.
 */
import { closeSync, constants, fstatSync, ftruncateSync, mkdirSync, openSync, readFileSync, unlinkSync } from "node:fs";
import { dirname } from "node:path";
import {
  ACCESS_SLOTS,
  COMMAND_SLOTS,
  COUNTER_NAMES,
  ERROR_NAME_BYTES,
  ERROR_ROWS,
  GAUGE_COUNT,
  LATENCY_BUCKETS,
  LATENCY_EVENT_WORDS,
  LATENCY_EVENTS,
  PROCESS_SLOTS,
  SCRIPT_TEXT_BYTES,
  SHARED_WORD_NAMES,
  SHARED_WORD64_NAMES,
  type SharedState,
  TOUCH_SLOTS,
} from "@keydb-ts/core/contracts";
import { type MappedMemory, mapShared, reserveSpace } from "./memory-map.ts";
import { STAMP_WORDS } from "./record-cache.ts";
import { OFFSET, REGION_BYTES, REGION_MAGIC, REGION_VERSION, ROW } from "./region-layout.ts";

/** Slot of a process that only looks on (the supervisor, tools): it has no row. */
export const NO_SLOT = -1;

interface Row {
  readonly counters: Float64Array;
  readonly commandStats: Float64Array;
  readonly commandLatency: Uint32Array;
  readonly latencyEvents: Uint32Array;
  readonly scriptText: Uint8Array;
}

export class SharedRegion implements SharedState {
  readonly path: string;
  readonly slot: number;
  readonly slotCount = PROCESS_SLOTS;
  readonly sizeBytes = REGION_BYTES;
  readonly words: Int32Array;
  readonly words64: BigInt64Array;
  readonly versionClock: Uint32Array;
  readonly touches: Int32Array;
  readonly accessClock: Uint32Array;
  readonly errorStates: Int32Array;
  readonly errorNames: Uint8Array;
  readonly errorCounts: BigInt64Array;
  /** Of the record cache (record-cache.ts). */
  readonly stamps: Float64Array;
  readonly memory: MappedMemory;
  private readonly pids: Int32Array;
  private readonly used: Int32Array;
  private readonly rows: Row[] = [];

  /** Use createSharedRegion or attachSharedRegion. */
  constructor(path: string, memory: MappedMemory, slot: number) {
    const { bytes } = memory;
    this.path = path;
    this.slot = slot;
    this.memory = memory;
    this.pids = new Int32Array(bytes, OFFSET.pids, PROCESS_SLOTS);
    this.used = new Int32Array(bytes, OFFSET.used, PROCESS_SLOTS);
    this.words = new Int32Array(bytes, OFFSET.words, SHARED_WORD_NAMES.length);
    this.words64 = new BigInt64Array(bytes, OFFSET.words64, SHARED_WORD64_NAMES.length);
    this.versionClock = new Uint32Array(bytes, OFFSET.versionClock, 2);
    this.touches = new Int32Array(bytes, OFFSET.touches, TOUCH_SLOTS);
    this.accessClock = new Uint32Array(bytes, OFFSET.accessClock, ACCESS_SLOTS);
    this.errorStates = new Int32Array(bytes, OFFSET.errorStates, ERROR_ROWS);
    this.errorCounts = new BigInt64Array(bytes, OFFSET.errorCounts, ERROR_ROWS);
    this.errorNames = new Uint8Array(bytes, OFFSET.errorNames, ERROR_ROWS * ERROR_NAME_BYTES);
    this.stamps = new Float64Array(bytes, OFFSET.stamps, STAMP_WORDS);
    for (let row = 0; row < PROCESS_SLOTS; row++) {
      const start = OFFSET.rows + row * ROW.bytes;
      this.rows.push({
        counters: new Float64Array(bytes, start + ROW.counters, COUNTER_NAMES.length),
        commandStats: new Float64Array(bytes, start + ROW.commandStats, COMMAND_SLOTS * 4),
        commandLatency: new Uint32Array(bytes, start + ROW.commandLatency, COMMAND_SLOTS * LATENCY_BUCKETS),
        latencyEvents: new Uint32Array(bytes, start + ROW.latencyEvents, LATENCY_EVENTS.length * LATENCY_EVENT_WORDS),
        scriptText: new Uint8Array(bytes, start + ROW.scriptText, SCRIPT_TEXT_BYTES),
      });
    }
  }

  liveSlots(): number[] {
    const slots: number[] = [];
    for (let slot = 0; slot < PROCESS_SLOTS; slot++) if (Atomics.load(this.pids, slot) !== 0) slots.push(slot);
    return slots;
  }

  usedSlots(): number[] {
    const slots: number[] = [];
    for (let slot = 0; slot < PROCESS_SLOTS; slot++) if (Atomics.load(this.used, slot) !== 0) slots.push(slot);
    return slots;
  }

  pidOf(slot: number): number {
    return slot >= 0 && slot < PROCESS_SLOTS ? Atomics.load(this.pids, slot) : 0;
  }

  counters(slot: number): Float64Array {
    return this.row(slot).counters;
  }

  commandStats(slot: number): Float64Array {
    return this.row(slot).commandStats;
  }

  commandLatency(slot: number): Uint32Array {
    return this.row(slot).commandLatency;
  }

  latencyEvents(slot: number): Uint32Array {
    return this.row(slot).latencyEvents;
  }

  scriptText(slot: number): Uint8Array {
    return this.row(slot).scriptText;
  }

  /** Writes this process down as the owner of its slot. Throws when another living process has it. */
  claimSlot(): void {
    for (;;) {
      const owner = Atomics.compareExchange(this.pids, this.slot, 0, process.pid);
      if (owner === 0 || owner === process.pid) break;
      if (isAlive(owner)) throw new Error(`slot ${this.slot} of the shared region belongs to process ${owner}`);
      Atomics.compareExchange(this.pids, this.slot, owner, 0);
    }
    Atomics.store(this.used, this.slot, 1);
    this.counters(this.slot).fill(0, 0, GAUGE_COUNT);
  }

  /** Frees a slot whose process has ended (the supervisor) or is about to (its owner). */
  releaseSlot(slot: number): void {
    if (slot < 0) return;
    this.counters(slot).fill(0, 0, GAUGE_COUNT);
    Atomics.store(this.pids, slot, 0);
  }

  /** Slot of a process, NO_SLOT when it has none. */
  slotOf(pid: number): number {
    return pid === 0 ? NO_SLOT : this.pids.indexOf(pid);
  }

  /** Removes the file; processes that have it mapped keep their memory. */
  remove(): void {
    removeFile(this.path);
  }

  private row(slot: number): Row {
    const row = this.rows[slot];
    if (row === undefined) throw new RangeError(`no slot ${slot} in the shared region`);
    return row;
  }
}

/** Creates the region, empty; a file left behind by a killed server is replaced. Only one server may use the path. */
export function createSharedRegion(path: string): SharedRegion {
  mkdirSync(dirname(path), { recursive: true });
  removeFile(path);
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    ftruncateSync(fd, REGION_BYTES);
    reserveSpace(fd, 0, OFFSET.rows);
    const memory = mapShared(fd, REGION_BYTES);
    const header = new Uint32Array(memory.bytes, 0, 4);
    header[1] = REGION_VERSION;
    header[2] = REGION_BYTES;
    header[3] = process.pid;
    header[0] = REGION_MAGIC;
    return new SharedRegion(path, memory, NO_SLOT);
  } catch (error) {
    removeFile(path);
    throw new Error(`cannot create the shared region ${path}: ${textOf(error)}`, { cause: error });
  } finally {
    closeSync(fd);
  }
}

/** Maps the region and takes the slot. With NO_SLOT it only maps it. */
export function attachSharedRegion(path: string, slot: number): SharedRegion {
  if (slot !== NO_SLOT && !(slot >= 0 && slot < PROCESS_SLOTS)) throw new RangeError(`no slot ${slot}`);
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDWR);
  } catch (error) {
    throw new Error(`cannot open the shared region ${path}: ${textOf(error)}`, { cause: error });
  }
  try {
    if (fstatSync(fd).size !== REGION_BYTES) throw new Error(`${path} is no shared region of this version`);
    if (slot !== NO_SLOT) reserveSpace(fd, OFFSET.rows + slot * ROW.bytes, ROW.bytes);
    const memory = mapShared(fd, REGION_BYTES);
    const header = new Uint32Array(memory.bytes, 0, 4);
    if (header[0] !== REGION_MAGIC || header[1] !== REGION_VERSION) {
      memory.unmap();
      throw new Error(`${path} is no shared region of this version`);
    }
    const region = new SharedRegion(path, memory, slot);
    if (slot !== NO_SLOT) region.claimSlot();
    return region;
  } finally {
    closeSync(fd);
  }
}

/** Whether a process runs. One that ended and waits for its parent to notice (a zombie) does not. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const state = stat[stat.lastIndexOf(")") + 2];
    return state !== "Z" && state !== "X";
  } catch (error) {
    // Without a descriptor to spare, say, nothing is known: then nobody is declared dead.
    const { code } = error as NodeJS.ErrnoException;
    return code !== "ENOENT" && code !== "ESRCH";
  }
}

function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
