/** The reply of SSCAN, HSCAN and ZSCAN: the cursor to go on with, then what was found. */
import type { Context } from "./context.ts";

/**
 * `walk` writes what it finds to the reply, tells `found` of each element how many reply items that were, and returns
 * the next cursor, 0 at the end.
 */
export function replyScan(ctx: Context, walk: (found: (items: number) => void) => number): void {
  const { reply } = ctx;
  reply.arrayHeader(2);
  const mark = reply.deferred();
  let items = 0;
  const next = String(
    walk((more) => {
      items += more;
    }),
  );
  reply.endDeferred(mark, "array", items);
  reply.insertRaw(mark, `$${next.length}\r\n${next}\r\n`);
}
