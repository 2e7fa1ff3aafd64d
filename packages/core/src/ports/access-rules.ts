/**
 * Who may run which command on which keys and channels (Redis' ACL). The port is asked by command/permissions.ts, before a
 * command runs, at the places where Redis calls ACLCheckAllPerm. Rules hold in every database. Without rules (null, the
 * default) everybody may do everything, and that is one branch per command.
 */

/** A key of a request and what the command does with it. */
export interface KeyUse {
  /** Which argument of the request. */
  readonly index: number;
  readonly key: Buffer;
  /** Its value is seen; neither: it is only looked at, or nobody can tell. */
  readonly reads: boolean;
  /** It is made, changed or deleted. */
  readonly writes: boolean;
}

/** A channel that is published or subscribed to. Ending a subscription takes no permission. */
export interface ChannelUse {
  readonly index: number;
  readonly channel: Buffer;
  /** A pattern of PSUBSCRIBE: the rules must name it as it stands, matching does not count. */
  readonly isPattern: boolean;
}

/** Everything in it is borrowed: dead when the call that got it returns. */
export interface AccessRequest {
  readonly user: string;
  readonly clientId: number;
  /** `get`, `config|set`. */
  readonly command: string;
  /** A small number, the same for the command in all processes. */
  readonly commandId: number;
  /** The argument behind the command and its subcommand; null: there is none. */
  readonly firstArgument: Buffer | null;
  /** Worked out when it is asked for, once. Empty when the arguments make no sense: the command will say so. */
  readonly keys: readonly KeyUse[];
  readonly channels: readonly ChannelUse[];
}

export interface AccessDenial {
  readonly what: "command" | "key" | "channel";
  /** Which argument must not be: 0 for the command itself, else `index` of the key or channel. */
  readonly index: number;
}

export interface AccessRules {
  /** Null: it may run. Without effect: one command may be asked for several times. */
  check(request: AccessRequest): AccessDenial | null;
  /** Whether one and the same set of permissions allows the request and the reading of every key (SORT's BY and GET). */
  readsEveryKey(request: AccessRequest): boolean;
  /** A command was answered with the denial: for ACL LOG. `where`: sent by a client, queued or run by EXEC, or in a script. */
  denied(request: AccessRequest, denial: AccessDenial, where: AccessContext): void;
}

export type AccessContext = "toplevel" | "multi" | "lua";
