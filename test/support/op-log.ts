/** An op log that keeps what it is told, and effects as tests compare them: text, byte for byte. */
import type { Effect, OpLog } from "../../packages/core/src/ports/op-log.ts";

/** A unit of a committed txn, with the time at which it was told. */
export interface ToldUnit {
  readonly effects: readonly Effect[];
  readonly atMs: number;
}

export class CollectingOpLog implements OpLog {
  /** Of committed txns, in order. */
  readonly units: ToldUnit[] = [];
  /** What each end of a txn was: "committed 2" with the number of its units. */
  readonly ends: string[] = [];
  private pending: ToldUnit[] = [];

  append(unit: readonly Effect[]): void {
    this.pending.push({ effects: unit, atMs: Date.now() });
  }

  committed(): void {
    this.ends.push(`committed ${this.pending.length}`);
    this.units.push(...this.pending);
    this.pending = [];
  }

  dropped(): void {
    this.ends.push(`dropped ${this.pending.length}`);
    this.pending = [];
  }

  /** What was told since the last call, units as lists of lines: `0: SET k v`. For one of the targets, or (0) all. */
  take(target = 0): string[][] {
    return toldTo(this.units.splice(0), target);
  }
}

/** The part of units that a target is told, as lines. */
export function toldTo(units: readonly ToldUnit[], target: number): string[][] {
  return units
    .map(({ effects }) => effects.filter(({ targets }) => target === 0 || (targets & target) !== 0).map(lineOf))
    .filter((lines) => lines.length > 0);
}

export function lineOf({ db, args }: Pick<Effect, "db" | "args">): string {
  return `${db}: ${args.map((arg) => arg.toString("latin1")).join(" ")}`;
}
