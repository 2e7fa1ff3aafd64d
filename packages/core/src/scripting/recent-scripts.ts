/** Scripts that EVAL brought lately, found by their bytes: to compare those costs a tenth of a SHA-1 and its text. */
import type { Args } from "../resp/args.ts";
import type { CompiledScript } from "./eval-engine.ts";

const SLOTS = 64;
/** Longer scripts are not kept twice. */
const CODE_MAX = 16 * 1024;

interface Recent {
  readonly code: Buffer;
  readonly script: CompiledScript;
}

export class RecentScripts {
  private readonly slots: (Recent | undefined)[] = new Array<Recent | undefined>(SLOTS).fill(undefined);

  /** The script whose code is argument 1. */
  find(args: Args): CompiledScript | undefined {
    const recent = this.slots[slotOf(args)];
    if (recent === undefined || recent.code.length !== args.length(1)) return undefined;
    const isSame = recent.code.compare(args.buffer, args.start(1), args.end(1)) === 0;
    return isSame ? recent.script : undefined;
  }

  note(args: Args, script: CompiledScript): void {
    if (args.length(1) <= CODE_MAX) this.slots[slotOf(args)] = { code: args.copy(1), script };
  }

  clear(): void {
    this.slots.fill(undefined);
  }
}

function slotOf(args: Args): number {
  const { buffer } = args;
  const start = args.start(1);
  const length = args.length(1);
  let hash = length;
  for (let i = 0; i < 8; i++) hash = Math.imul(hash, 31) + (buffer[start + ((length * i) >> 3)] as number);
  return (hash ^ (hash >>> 6)) & (SLOTS - 1);
}
