/** The `FIELDS numfields field [field ...]` part of the commands of field expiry, and their times. */
import {
  type CommandError,
  FIELDS_MISSING,
  invalidExpireTime,
  NEGATIVE_EXPIRE_TIME,
  NOT_AN_INTEGER,
  NUMFIELDS_MISMATCH,
} from "../../base/errors.ts";
import type { Context } from "../../command/context.ts";

/** Latest deadline of a field, unix ms (Redis' EB_EXPIRE_TIME_MAX with two bits set aside). */
const DEADLINE_MAX = 2 ** 46 - 1;

/**
 * Checks that argument `at` is FIELDS and is followed by the right number of fields up to the end. Returns the index of
 * the first one. `notPositive` is the error for a count that is none.
 */
export function readFieldList(ctx: Context, at: number, notPositive: CommandError): number {
  const { args } = ctx;
  if (at + 1 >= args.count || !args.is(at, "fields")) throw FIELDS_MISSING;
  const count = args.int64(at + 1, notPositive);
  if (count < 1n) throw notPositive;
  if (count !== BigInt(args.count - at - 2)) throw NUMFIELDS_MISMATCH;
  return at + 2;
}

/** Argument `i` as a deadline in unix ms. Throws Redis' errors of hash field expiry. */
export function readDeadline(ctx: Context, i: number, inSeconds: boolean, relative: boolean): number {
  const given = ctx.args.int64(i, NOT_AN_INTEGER);
  if (given < 0n) throw NEGATIVE_EXPIRE_TIME;
  const base = relative ? ctx.nowMs : 0;
  if (given > BigInt(inSeconds ? Math.floor(DEADLINE_MAX / 1000) : DEADLINE_MAX)) throw tooLate(ctx);
  const ms = inSeconds ? Number(given) * 1000 : Number(given);
  if (ms > DEADLINE_MAX - base) throw tooLate(ctx);
  return ms + base;
}

function tooLate(ctx: Context): CommandError {
  return invalidExpireTime(ctx.command.fullName);
}
