/** CLIENT TRACKING, CACHING, TRACKINGINFO and GETREDIR. */

import {
  CACHING_NEEDS_TRACKING,
  CACHING_NO_NEEDS_OPTOUT,
  CACHING_YES_NEEDS_OPTIN,
  ONE_REDIRECT,
  OPTIN_AND_OPTOUT,
  OPTIN_OPTOUT_WITH_BCAST,
  PREFIX_NEEDS_BCAST,
  prefixOverlaps,
  REDIRECT_TO_NOBODY,
  SWITCH_BCAST,
  SWITCH_OPTIN_OPTOUT,
  SYNTAX_ERROR,
} from "../../base/errors.ts";
import { oneOf, optional, token } from "../../command/arg-grammar.ts";
import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";

interface Options {
  redirect: number;
  bcast: boolean;
  optin: boolean;
  optout: boolean;
  noloop: boolean;
  readonly prefixes: string[];
}

/** As in Redis, a client to redirect to is looked for (`onRedirect`) before the options behind it are read. */
function readOptions(ctx: Context, onRedirect: (clientId: number) => void): Options {
  const { args } = ctx;
  const options: Options = { redirect: 0, bcast: false, optin: false, optout: false, noloop: false, prefixes: [] };
  for (let i = 3; i < args.count; i++) {
    const more = i + 1 < args.count;
    if (args.is(i, "redirect") && more) {
      if (options.redirect !== 0) throw ONE_REDIRECT;
      options.redirect = Number(args.int64(++i));
      onRedirect(options.redirect);
    } else if (args.is(i, "bcast")) options.bcast = true;
    else if (args.is(i, "optin")) options.optin = true;
    else if (args.is(i, "optout")) options.optout = true;
    else if (args.is(i, "noloop")) options.noloop = true;
    else if (args.is(i, "prefix") && more) options.prefixes.push(args.latin1(++i));
    else throw SYNTAX_ERROR;
  }
  return options;
}

/** A client to redirect to may be on another process: only that one knows. */
function prepareTracking(ctx: Context): Promise<number> | null {
  const { tracking } = ctx.server;
  let wanted = 0;
  try {
    readOptions(ctx, (clientId) => {
      wanted = clientId;
    });
  } catch {
    // The handler says what is wrong, unless there is no such client.
  }
  return wanted <= 0 || tracking.findHere(wanted) !== null ? null : tracking.findElsewhere(wanted);
}

function checkOptions(ctx: Context, options: Options): void {
  const { bcast, optin, optout, prefixes } = options;
  const old = ctx.client.tracking;
  if (!bcast && prefixes.length > 0) throw PREFIX_NEEDS_BCAST;
  if (old !== null && old.bcast !== bcast) throw SWITCH_BCAST;
  if (bcast && (optin || optout)) throw OPTIN_OPTOUT_WITH_BCAST;
  if (optin && optout) throw OPTIN_AND_OPTOUT;
  if (old !== null && ((optin && old.optout) || (optout && old.optin))) throw SWITCH_OPTIN_OPTOUT;
  if (bcast) checkPrefixes(prefixes, old?.prefixes ?? new Set());
}

function checkPrefixes(prefixes: readonly string[], existing: ReadonlySet<string>): void {
  prefixes.forEach((prefix, i) => {
    for (const other of existing) if (overlap(prefix, other)) throw prefixOverlaps(prefix, "an existing prefix", other);
    for (const other of prefixes.slice(i + 1)) {
      if (overlap(prefix, other)) throw prefixOverlaps(prefix, "another provided prefix", other);
    }
  });
}

function overlap(a: string, b: string): boolean {
  return a.startsWith(b) || b.startsWith(a);
}

function handleTracking(ctx: Context): void {
  const { args, client } = ctx;
  const { tracking } = ctx.server;
  let redirectSlot = -1;
  const options = readOptions(ctx, (clientId) => {
    redirectSlot = tracking.findHere(clientId) ?? (ctx.prepared as number | null) ?? -1;
    if (redirectSlot < 0) throw REDIRECT_TO_NOBODY;
  });
  const { redirect } = options;
  if (args.is(2, "on")) {
    checkOptions(ctx, options);
    const { bcast, optin, optout, noloop } = options;
    tracking.enable(client, { redirect, redirectSlot, bcast, optin, optout, noloop }, options.prefixes);
  } else if (args.is(2, "off")) tracking.disable(client);
  else throw SYNTAX_ERROR;
  ctx.reply.ok();
}

function handleCaching(ctx: Context): void {
  const { args, client } = ctx;
  const state = client.tracking;
  if (state === null) throw CACHING_NEEDS_TRACKING;
  if (args.is(2, "yes")) {
    if (!state.optin) throw CACHING_YES_NEEDS_OPTIN;
  } else if (args.is(2, "no")) {
    if (!state.optout) throw CACHING_NO_NEEDS_OPTOUT;
  } else throw SYNTAX_ERROR;
  state.caching = true;
  ctx.reply.ok();
}

function handleTrackingInfo(ctx: Context): void {
  const { reply } = ctx;
  const state = ctx.client.tracking;
  const flags = [state === null ? "off" : "on"];
  if (state?.bcast) flags.push("bcast");
  if (state?.optin) flags.push("optin");
  if (state?.optin && state.caching) flags.push("caching-yes");
  if (state?.optout) flags.push("optout");
  if (state?.optout && state.caching) flags.push("caching-no");
  if (state?.noloop) flags.push("noloop");
  if (state?.redirectIsBroken) flags.push("broken_redirect");
  reply.mapHeader(3);
  reply.bulkText("flags");
  reply.setHeader(flags.length);
  for (const flag of flags) reply.bulkText(flag);
  reply.bulkText("redirect");
  reply.integer(state === null ? -1 : state.redirect);
  reply.bulkText("prefixes");
  const prefixes = [...(state?.prefixes ?? [])].sort();
  reply.arrayHeader(prefixes.length);
  for (const prefix of prefixes) reply.bulk(Buffer.from(prefix, "latin1"));
}

export const clientTracking: CommandSpec = {
  name: "TRACKING",
  group: "connection",
  since: "6.0.0",
  summary: "Turns messages about keys that the client may have cached on or off.",
  complexity: "O(1). Some options may introduce additional complexity.",
  arity: -3,
  flags: ["noscript", "loading", "stale"],
  args: [
    oneOf("status", [token("ON"), token("OFF")]),
    { name: "client-id", type: "integer", token: "REDIRECT", flags: ["optional"] },
    { name: "prefix", type: "string", token: "PREFIX", flags: ["optional", "multiple", "multiple_token"] },
    optional(token("BCAST")),
    optional(token("OPTIN")),
    optional(token("OPTOUT")),
    optional(token("NOLOOP")),
  ],
  prepare: prepareTracking,
  handler: handleTracking,
};

export const clientCaching: CommandSpec = {
  name: "CACHING",
  group: "connection",
  since: "6.0.0",
  summary: "Says whether the client will cache what the next command reads.",
  complexity: "O(1)",
  arity: 3,
  flags: ["noscript", "loading", "stale"],
  args: [oneOf("mode", [token("YES"), token("NO")])],
  handler: handleCaching,
};

export const clientTrackingInfo: CommandSpec = {
  name: "TRACKINGINFO",
  group: "connection",
  since: "6.2.0",
  summary: "Tells how the connection tracks keys.",
  complexity: "O(1)",
  arity: 2,
  flags: ["noscript", "loading", "stale"],
  handler: handleTrackingInfo,
};

export const clientGetRedir: CommandSpec = {
  name: "GETREDIR",
  group: "connection",
  since: "6.0.0",
  summary: "Tells which client gets this one's invalidation messages.",
  complexity: "O(1)",
  arity: 2,
  flags: ["noscript", "loading", "stale"],
  handler: (ctx) => ctx.reply.integer(ctx.client.tracking === null ? -1 : ctx.client.tracking.redirect),
};
