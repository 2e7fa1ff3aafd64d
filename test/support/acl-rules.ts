/**
 * Access rules for tests, from the words of ACL SETUSER: +command -command +container|sub +@all -@all ~pattern %R~pattern
 * %W~pattern %RW~pattern allkeys resetkeys &pattern allchannels resetchannels reset, and further selectors in
 * parentheses. Enough to compare with redis-server; categories other than @all are not known.
 */
import type {
  AccessContext,
  AccessDenial,
  AccessRequest,
  AccessRules,
} from "../../packages/core/src/ports/access-rules.ts";

interface KeyPattern {
  readonly pattern: string;
  readonly reads: boolean;
  readonly writes: boolean;
}

/** Redis' stringmatch, as far as tests use it: `*` alone. */
function matches(pattern: string, text: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^]*")}$`).test(text);
}

class Selector {
  allCommands = false;
  readonly exceptions: Set<string> = new Set();
  keys: KeyPattern[] = [];
  channels: string[] = [];

  apply(word: string): void {
    const patterns = /^%(R?W?)~(.*)$/.exec(word);
    if (word === "+@all" || word === "-@all") {
      this.allCommands = word[0] === "+";
      this.exceptions.clear();
    } else if (word[0] === "+" || word[0] === "-") {
      const [name, on] = [word.slice(1), (word[0] === "+") !== this.allCommands];
      if (on) this.exceptions.add(name);
      else this.exceptions.delete(name);
    } else if (word[0] === "~") this.keys.push({ pattern: word.slice(1), reads: true, writes: true });
    else if (patterns !== null) {
      const [, letters = "", pattern = ""] = patterns;
      this.keys.push({ pattern, reads: letters.includes("R"), writes: letters.includes("W") });
    } else if (word === "allkeys") this.keys = [{ pattern: "*", reads: true, writes: true }];
    else if (word === "resetkeys") this.keys = [];
    else if (word[0] === "&") this.channels.push(word.slice(1));
    else if (word === "allchannels") this.channels = ["*"];
    else if (word === "resetchannels") this.channels = [];
    else throw new Error(`rule '${word}' is not known`);
  }

  private mayRun(command: string): boolean {
    const container = command.split("|")[0] as string;
    const isException = this.exceptions.has(command) || this.exceptions.has(container);
    return isException !== this.allCommands;
  }

  check({ command, keys, channels }: AccessRequest): AccessDenial | null {
    if (!this.mayRun(command)) return { what: "command", index: 0 };
    for (const { index, key, reads, writes } of keys) {
      const text = key.toString("latin1");
      const fits = (rule: KeyPattern): boolean =>
        (rule.reads || !reads) && (rule.writes || !writes) && matches(rule.pattern, text);
      if (!this.keys.some(fits)) return { what: "key", index };
    }
    const allChannels = this.channels.includes("*");
    for (const { index, channel, isPattern } of channels) {
      const text = channel.toString("latin1");
      const isAllowed = this.channels.some((rule) => (isPattern ? rule === text : matches(rule, text)));
      if (!isAllowed && !allChannels) return { what: "channel", index };
    }
    return null;
  }

  get readsAll(): boolean {
    return this.keys.some(({ pattern, reads }) => pattern === "*" && reads);
  }
}

export interface NotedDenial extends AccessDenial {
  readonly user: string;
  readonly command: string;
  readonly where: AccessContext;
}

const WEIGHT = { command: 0, key: 1, channel: 2 };

export class TestRules implements AccessRules {
  readonly noted: NotedDenial[] = [];
  #users = new Map<string, Selector[]>();

  /** What ACL SETUSER user reset on nopass followed by the words would do. */
  set(user: string, ...words: readonly string[]): void {
    const root = new Selector();
    const selectors = [root];
    for (const word of words) {
      if (word[0] !== "(") root.apply(word);
      else {
        const selector = new Selector();
        for (const inner of word.slice(1, -1).split(" ")) selector.apply(inner);
        selectors.push(selector);
      }
    }
    this.#users.set(user, selectors);
  }

  check(request: AccessRequest): AccessDenial | null {
    let worst: AccessDenial = { what: "command", index: 0 };
    for (const selector of this.#users.get(request.user) ?? []) {
      const denial = selector.check(request);
      if (denial === null) return null;
      const more = WEIGHT[denial.what] - WEIGHT[worst.what];
      if (more > 0 || (more === 0 && denial.index > worst.index)) worst = denial;
    }
    return worst;
  }

  readsEveryKey(request: AccessRequest): boolean {
    const selectors = this.#users.get(request.user) ?? [];
    return selectors.some((selector) => selector.readsAll && selector.check(request) === null);
  }

  denied({ user, command }: AccessRequest, denial: AccessDenial, where: AccessContext): void {
    this.noted.push({ user, command, where, ...denial });
  }
}
