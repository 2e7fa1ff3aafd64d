/** PFSELFTEST: checks the registers, and the error of the estimates at growing cardinalities. Takes seconds. */
import { randomInt } from "node:crypto";
import { errorReply } from "../../base/errors.ts";
import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { HyperLogLog, REGISTERS } from "../../types/hyperloglog.ts";
import { maxSparseBytes } from "./hll-access.ts";

const REGISTER_ROUNDS = 1000;
const ELEMENTS = 10_000_000;
const RELATIVE_ERROR = 1.04 / Math.sqrt(REGISTERS);
/** Estimates may be off by this many standard errors. */
const ERRORS_MAX = 6;

function testRegisters(): void {
  const hll = HyperLogLog.createDense();
  const expected = new Uint8Array(REGISTERS);
  for (let round = 0; round < REGISTER_ROUNDS; round++) {
    for (let i = 0; i < REGISTERS; i++) {
      const value = (Math.random() * 64) | 0;
      expected[i] = value;
      hll.putRegister(i, value);
    }
    for (let i = 0; i < REGISTERS; i++) {
      const value = hll.register(i);
      if (value === expected[i]) continue;
      throw errorReply(`ERR TESTFAILED Register ${i} should be ${expected[i]} but is ${value}`);
    }
  }
}

function testEstimates(maxSparse: number): void {
  const dense = HyperLogLog.createDense();
  const growing = HyperLogLog.create();
  const element = Buffer.alloc(8);
  const seed = randomInt(2 ** 32);
  element.writeUInt32BE(randomInt(2 ** 32), 4);
  let checkpoint = 1;
  for (let n = 1; n <= ELEMENTS; n++) {
    element.writeUInt32BE((n ^ seed) >>> 0, 0);
    dense.add(element, 0, 8, maxSparse);
    growing.add(element, 0, 8, maxSparse);
    if (n !== checkpoint) continue;
    if (n < maxSparse / 2 && growing.isDense) throw errorReply("ERR TESTFAILED sparse encoding not used");
    const count = dense.count() as number;
    if (count !== growing.count()) throw errorReply("ERR TESTFAILED dense/sparse disagree");
    const error = Math.abs(n - count);
    const allowed = n === 10 ? 1 : Math.ceil(RELATIVE_ERROR * ERRORS_MAX * n);
    if (error > allowed) throw errorReply(`ERR TESTFAILED Too big error. card:${n} abserr:${error}`);
    checkpoint *= 10;
  }
}

function handlePfselftest(ctx: Context): void {
  testRegisters();
  testEstimates(maxSparseBytes(ctx));
  ctx.reply.ok();
}

export const pfselftest: CommandSpec = {
  name: "PFSELFTEST",
  group: "hyperloglog",
  since: "2.8.9",
  summary: "Tests the HyperLogLog code.",
  complexity: "N/A",
  arity: 1,
  flags: ["admin"],
  docFlags: ["syscmd"],
  handler: handlePfselftest,
};
