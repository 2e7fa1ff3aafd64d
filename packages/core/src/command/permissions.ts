/**
 * Asks the access rules about commands: what a request touches is read from its command's specs, lazily; denials get
 * their texts and are counted. Exists only while there are rules.
 */
import { CommandError, permissionText } from "../base/errors.ts";
import type {
  AccessContext,
  AccessDenial,
  AccessRequest,
  AccessRules,
  ChannelUse,
  KeyUse,
} from "../ports/access-rules.ts";
import { COUNTER } from "../ports/counters.ts";
import type { Args } from "../resp/args.ts";
import type { Client } from "./client.ts";
import type { KeyFlag } from "./command-spec.ts";
import type { Command } from "./define-command.ts";
import { findKeys, keyBytes } from "./key-extraction.ts";

/** The reply to a command that its client's user must not run. */
export class NoPermission extends CommandError {
  readonly denial: AccessDenial;
  constructor(denial: AccessDenial, text: string) {
    super(text);
    this.denial = denial;
  }
}

const COUNTER_OF = {
  command: COUNTER.acl_access_denied_cmd,
  key: COUNTER.acl_access_denied_key,
  channel: COUNTER.acl_access_denied_channel,
} as const satisfies Record<AccessDenial["what"], number>;

export class Permissions {
  private readonly rules: AccessRules;
  private readonly counters: Float64Array;

  constructor(rules: AccessRules, counters: Float64Array) {
    this.rules = rules;
    this.counters = counters;
  }

  /** Null: the client's user may run the request in `args`. */
  denial(client: Client, command: Command, args: Args): AccessDenial | null {
    if (client.user === null || command.noAuth) return null;
    return this.rules.check(new Request(client, client.user, command, args));
  }

  /** As `denial`, as the reply of a command that is sent by a client. */
  refusal(client: Client, command: Command, args: Args): NoPermission | null {
    const denial = this.denial(client, command, args);
    if (denial === null) return null;
    return new NoPermission(denial, `NOPERM ${permissionText(denial.what, client.user ?? "", command.fullName)}`);
  }

  /** Whether the client's user may run the request and also read every key there is. */
  readsEveryKey(client: Client, command: Command, args: Args): boolean {
    return client.user === null || this.rules.readsEveryKey(new Request(client, client.user, command, args));
  }

  /** The request was answered with the denial. */
  note(client: Client, command: Command, args: Args, denial: AccessDenial, where: AccessContext): void {
    const { counters } = this;
    const counter = COUNTER_OF[denial.what];
    counters[counter] = (counters[counter] as number) + 1;
    this.rules.denied(new Request(client, client.user ?? "", command, args), denial, where);
  }
}

class Request implements AccessRequest {
  readonly user: string;
  readonly clientId: number;
  readonly command: string;
  readonly commandId: number;
  private readonly of: Command;
  private readonly args: Args;
  private foundKeys: readonly KeyUse[] | null = null;

  constructor(client: Client, user: string, command: Command, args: Args) {
    this.user = user;
    this.clientId = client.id;
    this.command = command.fullName;
    this.commandId = command.id;
    this.of = command;
    this.args = args;
  }

  get firstArgument(): Buffer | null {
    const index = this.of.parent === null ? 1 : 2;
    return index < this.args.count ? this.args.bytes(index) : null;
  }

  get keys(): readonly KeyUse[] {
    this.foundKeys ??= this.findKeys();
    return this.foundKeys;
  }

  private findKeys(): KeyUse[] {
    const { args } = this;
    const uses: KeyUse[] = [];
    const { hiddenKeys } = this.of.spec;
    const found = findKeys(this.of, args) ?? [];
    for (const key of hiddenKeys === undefined ? found : [...found, ...hiddenKeys(args)]) {
      // redis.acl_check_cmd() asks about commands that lack arguments.
      if (key.index >= args.count) continue;
      const { index, flags } = key;
      uses.push({ index, key: keyBytes(args, key), reads: flags.includes("access"), writes: flags.some(isWriting) });
    }
    return uses;
  }

  get channels(): readonly ChannelUse[] {
    const { channels } = this.of.spec;
    if (channels === undefined) return [];
    const { args } = this;
    const end = channels.areMany ? args.count : Math.min(2, args.count);
    const uses: ChannelUse[] = [];
    for (let index = 1; index < end; index++) {
      uses.push({ index, channel: args.bytes(index), isPattern: channels.arePatterns });
    }
    return uses;
  }
}

function isWriting(flag: KeyFlag): boolean {
  return flag === "insert" || flag === "delete" || flag === "update";
}
