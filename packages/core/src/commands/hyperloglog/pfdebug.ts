/** PFDEBUG: looks into a HyperLogLog. */

import { HLL_NOT_SPARSE, PFDEBUG_NO_KEY, unknownPfdebug } from "../../base/errors.ts";
import { endOfCString } from "../../base/numbers.ts";
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { REGISTERS } from "../../types/hyperloglog.ts";
import { STRING } from "../../types/string.ts";
import { checkHll, readHll, saveHll } from "./hll-access.ts";

function handlePfdebug(ctx: Context): void {
  const { args, reply } = ctx;
  const entry = ctx.lookupWrite(2, STRING);
  if (entry === null) throw PFDEBUG_NO_KEY;
  const hll = readHll(ctx, entry);
  const wasDense = hll.isDense;
  const makeDense = (): void => {
    if (wasDense) return;
    checkHll(hll.toDense() ? hll : null);
    saveHll(ctx, 2, entry, hll);
  };
  if (args.is(1, "getreg")) {
    makeDense();
    reply.arrayHeader(REGISTERS);
    for (let i = 0; i < REGISTERS; i++) reply.integer(hll.register(i));
  } else if (args.is(1, "decode")) {
    if (wasDense) throw HLL_NOT_SPARSE;
    reply.bulkText(hll.decode());
  } else if (args.is(1, "encoding")) reply.simple(wasDense ? "dense" : "sparse");
  else if (args.is(1, "todense")) {
    makeDense();
    reply.integer(wasDense ? 0 : 1);
  } else {
    throw unknownPfdebug(args.buffer.latin1Slice(args.start(1), endOfCString(args.buffer, args.start(1), args.end(1))));
  }
}

export const pfdebug: CommandSpec = {
  name: "PFDEBUG",
  group: "hyperloglog",
  since: "2.8.9",
  summary: "Looks into a HyperLogLog: its registers, its sparse runs, its form.",
  complexity: "N/A",
  arity: 3,
  flags: ["write", "denyoom", "admin"],
  keys: [keyAt(2, "RW", "access")],
  docFlags: ["syscmd"],
  args: [{ name: "subcommand", type: "string" }, KEY],
  handler: handlePfdebug,
};
