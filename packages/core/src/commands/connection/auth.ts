/** AUTH. Until ACL users exist there is one user, `default`, whose password is `requirepass`. */
import { NO_AUTH_CONFIGURED, SYNTAX_ERROR, WRONGPASS } from "../../base/errors.ts";
import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { checkCredentials } from "./credentials.ts";

function handleAuth(ctx: Context): void {
  const { args } = ctx;
  if (args.count > 3) throw SYNTAX_ERROR;
  if (args.count === 2 && !ctx.server.passwordRequired) throw NO_AUTH_CONFIGURED;
  const user = args.count === 3 ? args.latin1(1) : "default";
  if (!checkCredentials(ctx, user, args.bytes(args.count - 1))) throw WRONGPASS;
  ctx.reply.ok();
}

export const auth: CommandSpec = {
  name: "AUTH",
  group: "connection",
  since: "1.0.0",
  summary: "Proves who the connection is.",
  complexity: "O(N) where N is the number of passwords defined for the user",
  arity: -2,
  flags: ["noscript", "loading", "stale", "fast", "no_auth", "allow_busy"],
  sensitiveArgs: (args) => (args.count === 2 ? [1] : [1, 2]),
  history: [["6.0.0", "Added ACL style (username and password)."]],
  args: [
    { name: "username", type: "string", since: "6.0.0", flags: ["optional"] },
    { name: "password", type: "string" },
  ],
  handler: handleAuth,
};
