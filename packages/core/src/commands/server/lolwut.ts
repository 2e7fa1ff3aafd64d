/** LOLWUT: computer art, another picture per Redis version, and the version. */
import { NOT_AN_INTEGER } from "../../base/errors.ts";
import { REDIS_VERSION } from "../../base/version.ts";
import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { schotter } from "./lolwut-schotter.ts";
import { skyline } from "./lolwut-skyline.ts";

/** Argument `i` within bounds, or the default when it is missing. */
function size(ctx: Context, i: number, missing: number, max: number): number {
  return i < ctx.args.count ? Math.min(max, Math.max(1, ctx.args.int(i, NOT_AN_INTEGER))) : missing;
}

function handleLolwut(ctx: Context): void {
  const { args } = ctx;
  const hasVersion = args.count >= 3 && args.is(1, "version");
  const version = hasVersion ? args.int(2, NOT_AN_INTEGER) : Number.parseInt(REDIS_VERSION, 10);
  const first = hasVersion ? 3 : 1;
  let art = "";
  if (version === 5) {
    art = schotter(size(ctx, first, 66, 1000), size(ctx, first + 1, 8, 200), size(ctx, first + 2, 12, 200));
  } else if (version === 6) art = skyline(size(ctx, first, 80, 1000), size(ctx, first + 1, 20, 1000));
  ctx.reply.verbatim("txt", `${art}Redis ver. ${REDIS_VERSION}\n`);
}

export const lolwut: CommandSpec = {
  name: "LOLWUT",
  group: "server",
  since: "5.0.0",
  summary: "Shows a piece of computer art and the version.",
  complexity: "O(1)",
  arity: -1,
  flags: ["readonly", "fast"],
  access: "none",
  args: [{ name: "version", type: "integer", token: "VERSION", flags: ["optional"] }],
  handler: handleLolwut,
};
