import type { CommandSpec } from "../../command/command-spec.ts";
import { bitcount } from "./bitcount.ts";
import { bitfield, bitfieldRo } from "./bitfield.ts";
import { bitop } from "./bitop.ts";
import { bitpos } from "./bitpos.ts";
import { getbit } from "./getbit.ts";
import { setbit } from "./setbit.ts";

export const BITMAP_COMMANDS: readonly CommandSpec[] = [bitcount, bitfield, bitfieldRo, bitop, bitpos, getbit, setbit];
