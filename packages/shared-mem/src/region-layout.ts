/**
 * Byte layout of the shared region. Every process of one server maps the same file, so offsets follow from constants
 * only; a file of another layout is refused by its magic number and version. Sections start on cache lines (64 bytes),
 * rows of different processes never share a page.
 *
 *     0  u32 magic, u32 layout version, u32 bytes in total, i32 pid of the creator
 *    64  write lock: i32 words by LOCK_WORD; f64 at LOCK_SINCE_OFFSET
 *   128  i32 pid of the owner, per slot (0: free); i32 not 0 when the slot ever had one
 *   ...  words, words64, version clock, touches, access clock, error table, stamps of the record cache: `OFFSET`
 *   ...  rows, one per slot: counters, command stats, command latency, latency events: `ROW`
 */
import {
  ACCESS_SLOTS,
  COMMAND_SLOTS,
  COUNTER_NAMES,
  ERROR_NAME_BYTES,
  ERROR_ROWS,
  LATENCY_BUCKETS,
  LATENCY_EVENT_WORDS,
  LATENCY_EVENTS,
  PROCESS_SLOTS,
  SCRIPT_TEXT_BYTES,
  SHARED_WORD_NAMES,
  SHARED_WORD64_NAMES,
  TOUCH_SLOTS,
} from "@keydb-ts/core/contracts";
import { STAMP_WORDS } from "./record-cache.ts";

export const REGION_MAGIC = 0x4b445453;
export const REGION_VERSION = 3;

const LINE = 64;
const PAGE = 4096;

function alignTo(offset: number, unit: number): number {
  return Math.ceil(offset / unit) * unit;
}

const LOCK_OFFSET = LINE;
const PID_OFFSET = LOCK_OFFSET + LINE;
const USED_OFFSET = alignTo(PID_OFFSET + PROCESS_SLOTS * 4, LINE);
const WORDS_OFFSET = alignTo(USED_OFFSET + PROCESS_SLOTS * 4, LINE);
const WORDS64_OFFSET = alignTo(WORDS_OFFSET + SHARED_WORD_NAMES.length * 4, LINE);
const VERSION_CLOCK_OFFSET = alignTo(WORDS64_OFFSET + SHARED_WORD64_NAMES.length * 8, LINE);
const TOUCHES_OFFSET = alignTo(VERSION_CLOCK_OFFSET + 8, PAGE);
const ACCESS_OFFSET = alignTo(TOUCHES_OFFSET + TOUCH_SLOTS * 4, PAGE);
const ERROR_STATES_OFFSET = alignTo(ACCESS_OFFSET + ACCESS_SLOTS * 4, PAGE);
const ERROR_COUNTS_OFFSET = alignTo(ERROR_STATES_OFFSET + ERROR_ROWS * 4, LINE);
const ERROR_NAMES_OFFSET = alignTo(ERROR_COUNTS_OFFSET + ERROR_ROWS * 8, LINE);
const STAMPS_OFFSET = alignTo(ERROR_NAMES_OFFSET + ERROR_ROWS * ERROR_NAME_BYTES, PAGE);
const ROWS_OFFSET = alignTo(STAMPS_OFFSET + STAMP_WORDS * 8, PAGE);

/** Offsets of the sections that all processes share. */
export const OFFSET = {
  creatorPid: 12,
  lock: LOCK_OFFSET,
  pids: PID_OFFSET,
  used: USED_OFFSET,
  words: WORDS_OFFSET,
  words64: WORDS64_OFFSET,
  versionClock: VERSION_CLOCK_OFFSET,
  touches: TOUCHES_OFFSET,
  accessClock: ACCESS_OFFSET,
  errorStates: ERROR_STATES_OFFSET,
  errorCounts: ERROR_COUNTS_OFFSET,
  errorNames: ERROR_NAMES_OFFSET,
  stamps: STAMPS_OFFSET,
  rows: ROWS_OFFSET,
} as const;

const COMMAND_STATS_OFFSET = alignTo(COUNTER_NAMES.length * 8, LINE);
const LATENCY_OFFSET = alignTo(COMMAND_STATS_OFFSET + COMMAND_SLOTS * 4 * 8, LINE);
const EVENTS_OFFSET = alignTo(LATENCY_OFFSET + COMMAND_SLOTS * LATENCY_BUCKETS * 4, LINE);
const SCRIPT_TEXT_OFFSET = alignTo(EVENTS_OFFSET + LATENCY_EVENTS.length * LATENCY_EVENT_WORDS * 4, LINE);

/** Offsets inside one slot's row. */
export const ROW = {
  counters: 0,
  commandStats: COMMAND_STATS_OFFSET,
  commandLatency: LATENCY_OFFSET,
  latencyEvents: EVENTS_OFFSET,
  scriptText: SCRIPT_TEXT_OFFSET,
  bytes: alignTo(SCRIPT_TEXT_OFFSET + SCRIPT_TEXT_BYTES, PAGE),
} as const;

export const REGION_BYTES = ROWS_OFFSET + PROCESS_SLOTS * ROW.bytes;

/** Words of the write lock, as indexes from OFFSET.lock. */
export const LOCK_WORD = {
  /** 0 free; slot + 1 of the owner, with LOCK_STARVING; LOCK_STARVING alone: kept for a waiter that starves. */
  state: 0,
  waiters: 1,
  /** What the owner is doing; 0 unknown. */
  tag: 2,
  /** Not 0: the owner is asked to stop what it is doing. */
  kill: 3,
} as const;
/** f64: when the owner took the lock, ms since 1970. */
export const LOCK_SINCE_OFFSET = LOCK_OFFSET + 32;
export const LOCK_STARVING = 0x40000000;
