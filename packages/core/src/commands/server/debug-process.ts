/** DEBUG's tools that concern processes rather than keys. */
import { errorReply } from "../../base/errors.ts";
import { globMatch } from "../../base/glob.ts";
import type { Context } from "../../command/context.ts";
import { COUNTER, SHARED_WORD } from "../../ports/counters.ts";

/** How long a sleep goes without a sign of life to the supervisor. */
const SLEEP_STEP_MS = 100;

/** C's atoi: leading digits, 0 when there are none. */
function leadingInt(text: string): number {
  return Number.parseInt(text, 10) || 0;
}

/** Blocks this process: the others go on, so it is no stand-still of the server as in Redis. */
export function debugSleep(ctx: Context): void {
  const seconds = Number.parseFloat(ctx.args.latin1(2)) || 0;
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const endAt = performance.now() + seconds * 1000;
  for (let left = seconds * 1000; left > 0; left = endAt - performance.now()) {
    ctx.server.counters[COUNTER.heartbeat_ms] = Date.now();
    Atomics.wait(cell, 0, 0, Math.min(left, SLEEP_STEP_MS));
  }
  ctx.reply.ok();
}

export function debugSetActiveExpire(ctx: Context): void {
  const enabled = leadingInt(ctx.args.latin1(2)) === 0 ? 0 : 1;
  Atomics.store(ctx.server.shared.words, SHARED_WORD.active_expire_enabled, enabled);
  ctx.reply.ok();
}

export function debugPauseCron(ctx: Context): void {
  const paused = leadingInt(ctx.args.latin1(2)) === 0 ? 0 : 1;
  Atomics.store(ctx.server.shared.words, SHARED_WORD.cron_paused, paused);
  ctx.reply.ok();
}

export function debugAllowInScripts(ctx: Context): void {
  const allowed = leadingInt(ctx.args.latin1(2)) === 0 ? 0 : 1;
  Atomics.store(ctx.server.shared.words, SHARED_WORD.scripts_unrestricted, allowed);
  ctx.reply.ok();
}

/** Of payloads, in all processes. */
export function debugSkipChecksum(ctx: Context): void {
  const skips = leadingInt(ctx.args.latin1(2)) === 0 ? 0 : 1;
  Atomics.store(ctx.server.shared.words, SHARED_WORD.payload_checksum_ignored, skips);
  ctx.reply.ok();
}

export function debugChangeReplId(ctx: Context): void {
  ctx.server.host.log("notice", "Changing the replication ID after DEBUG CHANGE-REPL-ID");
  Atomics.add(ctx.server.shared.words, SHARED_WORD.replication_id_changes, 1);
  ctx.reply.ok();
}

export function debugLog(ctx: Context): void {
  ctx.server.host.log("warning", `DEBUG LOG: ${ctx.args.text(2)}`);
  ctx.reply.ok();
}

/** The text as it is; not counted as an error of the server. */
export function debugError(ctx: Context): void {
  ctx.reply.raw(`-${ctx.args.latin1(2).replace(/[\r\n]/g, " ")}\r\n`);
}

export function debugCrash(ctx: Context): void {
  const delayMs = ctx.args.count > 2 && ctx.args.is(1, "crash-and-recover") ? ctx.args.int(2) : 0;
  ctx.server.host.log("warning", `DEBUG ${ctx.args.latin1(1).toUpperCase()}: this process ends`);
  if (delayMs <= 0) {
    ctx.server.host.crash();
    return;
  }
  setTimeout(() => ctx.server.host.crash(), delayMs);
  ctx.reply.ok();
}

export function prepareConfigRewrite(ctx: Context): Promise<unknown> | null {
  const { args } = ctx;
  return args.count === 2 && args.is(1, "config-rewrite-force-all") ? ctx.server.config.rewrite(true) : null;
}

export function debugConfigRewrite(ctx: Context): void {
  const error = ctx.prepared as string | null;
  if (error !== null) throw errorReply(`ERR CONFIG-REWRITE-FORCE-ALL failed: ${error.replace(/^ERR /, "")}`);
  ctx.reply.ok();
}

const FUZZ_TURNS = 100000;
const FUZZ_BYTES = 32;

/** Random patterns against random texts, rich in the matcher's special characters: it must come to an end on each. */
export function debugStringmatchTest(ctx: Context): void {
  const special = Buffer.from("*?[]-^\\a");
  const random = (): Buffer => {
    const bytes = Buffer.alloc(Math.floor(Math.random() * FUZZ_BYTES));
    for (let i = 0; i < bytes.length; i++) {
      const any = Math.floor(Math.random() * 256);
      bytes[i] = Math.random() < 0.5 ? (special[any % special.length] as number) : any;
    }
    return bytes;
  };
  for (let turn = 0; turn < FUZZ_TURNS; turn++) {
    const text = random();
    globMatch(random(), text, 0, text.length, false);
  }
  ctx.reply.simple("Apparently Redis did not crash: test passed");
}
