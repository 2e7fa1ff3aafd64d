/**
 * The result of SUNION and SDIFF while it is small, built as Redis builds it (an intset first), so that its encoding and
 * order come out the same. A result that Redis would make a hashtable is not held here: `add` says so, and the caller
 * goes another way.
 */
import { ENCODING_ID } from "../codec/format.ts";
import type { SetLimits } from "./collection-limits.ts";
import { IntValue } from "./intset.ts";
import { ownBytes } from "./set.ts";

interface IntMember {
  readonly high: number;
  readonly low: number;
  readonly member: Buffer;
}

export class SetBuilder {
  private readonly limits: SetLimits;
  /** Members by their bytes, in order of insertion. */
  private members: Map<string, Buffer>;
  private isIntset: boolean;

  constructor(limits: SetLimits) {
    this.limits = limits;
    this.members = new Map();
    this.isIntset = true;
  }

  get size(): number {
    return this.members.size;
  }

  get encoding(): number {
    return this.isIntset ? ENCODING_ID.intset : ENCODING_ID.listpack;
  }

  /** Adds a member unless it is there. False: the set would be a hashtable now. */
  add(b: Buffer, start: number, end: number): boolean {
    const text = b.latin1Slice(start, end);
    if (this.members.has(text)) return true;
    const { limits, size } = this;
    if (this.isIntset && new IntValue().parse(b, start, end)) {
      this.members.set(text, ownBytes(b, start, end));
      return size < limits.maxIntset;
    }
    if (size >= limits.maxEntries || end - start > limits.maxValue) return false;
    if (this.isIntset) {
      this.members = new Map(this.list().map((member) => [member.latin1Slice(), member]));
      this.isIntset = false;
      for (const member of this.members.values()) if (member.length > limits.maxValue) return false;
    }
    this.members.set(text, ownBytes(b, start, end));
    return true;
  }

  remove(b: Buffer, start: number, end: number): void {
    this.members.delete(b.latin1Slice(start, end));
  }

  /** The members in the order in which Redis replies them. */
  list(): Buffer[] {
    const all = [...this.members.values()];
    return this.isIntset ? sortIntegers(all) : all;
  }
}

/** Sorts the texts of integers by value. */
export function sortIntegers(members: readonly Buffer[]): Buffer[] {
  const value = new IntValue();
  const parsed = members.map((member): IntMember => {
    value.parse(member, 0, member.length);
    return { high: value.high, low: value.low, member };
  });
  return parsed.sort((a, b) => a.high - b.high || a.low - b.low).map(({ member }) => member);
}
