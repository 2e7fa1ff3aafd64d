/** The global `redis` (also `keydb`): what scripts and functions can do with the server. */
import { formatShortest } from "../base/double-format.ts";
import { sha1Hex } from "../base/sha1.ts";
import { commandOfRequest } from "../command/command-lookup.ts";
import type { Services } from "../command/services.ts";
import type { LogLevel } from "../ports/host.ts";
import { PROPAGATE } from "../ports/op-log.ts";
import { LUA_TYPE } from "./lua-exports.ts";
import { toInt64 } from "./lua-number-library.ts";
import type { LuaVm } from "./lua-vm.ts";
import { isTextual, pushError, ReplyToLua } from "./reply-to-lua.ts";
import type { ScriptCaller, ScriptRun } from "./script-caller.ts";

const LOG_LEVELS: readonly LogLevel[] = ["debug", "verbose", "notice", "warning"];
/** The Redis version whose interface this is. */
const VERSION = "7.2.4";
const VERSION_NUMBER = 0x00070204;
/** Longest number as text. */
const NUMBER_BYTES = 40;
const RECURSION = "luaRedisGenericCommand() recursive call detected. Are you doing funny stuff with Lua debug hooks?";

export class RedisLibrary {
  /** The script that runs; null between scripts. */
  run: ScriptRun | null = null;
  private readonly vm: LuaVm;
  private readonly server: Services;
  private readonly caller: ScriptCaller;
  private readonly toLua: ReplyToLua;
  /** The hook is to be called from then on: it counts instructions, and commands may take long. */
  pollAt = 0;
  private readonly poll: (L: number) => void;
  /** The run is to end: see LuaRuntime.stopAtNextLine. */
  private readonly onNeedsWrite: (L: number) => void;
  /** Memory of Lua where numbers become text, for so many arguments. */
  private numbers = 0;
  private numbersRoom = 0;

  constructor(
    vm: LuaVm,
    server: Services,
    caller: ScriptCaller,
    onNeedsWrite: (L: number) => void,
    poll: (L: number) => void,
  ) {
    this.vm = vm;
    this.server = server;
    this.caller = caller;
    this.toLua = new ReplyToLua(vm);
    this.onNeedsWrite = onNeedsWrite;
    this.poll = poll;
  }

  /** Makes the globals `redis` and `keydb`. `isEval` adds what only EVAL has. */
  open(isEval: boolean): void {
    const { vm } = this;
    const { api, state } = vm;
    api.lua_createtable(state, 0, 32);
    vm.register({
      call: (L) => this.command(L, true),
      pcall: (L) => this.command(L, false),
      setresp: (L) => this.setResp(L),
      sha1hex: (L) => this.sha1(L),
      error_reply: (L) => this.errorReply(L),
      status_reply: (L) => this.statusReply(L),
      set_repl: (L) => this.setRepl(L),
      acl_check_cmd: (L) => this.aclCheck(L),
    });
    this.addLog();
    this.addVersion();
    vm.setNumber("REPL_NONE", PROPAGATE.none);
    vm.setNumber("REPL_AOF", PROPAGATE.aof);
    vm.setNumber("REPL_SLAVE", PROPAGATE.replicas);
    vm.setNumber("REPL_REPLICA", PROPAGATE.replicas);
    vm.setNumber("REPL_ALL", PROPAGATE.all);
    if (isEval) {
      vm.register({
        breakpoint: (L) => {
          api.lua_pushboolean(L, 0);
          return 1;
        },
        debug: () => 0,
        replicate_commands: (L) => {
          api.lua_pushboolean(L, 1);
          return 1;
        },
      });
    }
    api.lua_pushvalue(state, -1);
    vm.setGlobal("keydb");
    vm.setGlobal("redis");
  }

  /** Adds redis.log and its levels to the table on top. */
  addLog(): void {
    this.vm.register({ log: (L) => this.log(L) });
    for (const [i, level] of LOG_LEVELS.entries()) this.vm.setNumber(`LOG_${level.toUpperCase()}`, i);
  }

  addVersion(): void {
    this.vm.setNumber("REDIS_VERSION_NUM", VERSION_NUMBER);
    this.vm.setText("REDIS_VERSION", VERSION);
  }

  private raise(L: number, text: string): never {
    pushError(this.vm, L, `ERR ${text}`, false);
    return this.vm.raise(L);
  }

  private running(): ScriptRun {
    if (this.run === null) throw new Error("no script is running");
    return this.run;
  }

  /** The arguments of the Lua function as those of a command; null when they are all right, else an error text. */
  private readArgs(L: number): string | null {
    const { vm } = this;
    const { args } = this.caller;
    const count = vm.argCount(L);
    args.count = 0;
    if (count === 0) return "ERR Please specify at least one argument for this redis lib call";
    if (count > this.numbersRoom) this.makeNumbersRoom(count);
    for (let i = 1; i <= count; i++) {
      const type = vm.typeOf(L, i);
      if (type === LUA_TYPE.string) {
        const at = vm.stringAt(L, i);
        args.push(at, at + vm.lengthAt(at));
      } else if (type === LUA_TYPE.number) {
        const at = this.numbers + i * NUMBER_BYTES;
        const value = vm.numberAt(L, i);
        const isNegativeNan = Number.isNaN(value) && vm.isNegativeAt(L, i);
        args.push(at, isNegativeNan ? at + vm.bytes.latin1Write("-nan", at) : writeNumber(vm.bytes, at, value));
      } else return "ERR Lua redis lib command arguments must be strings or integers";
    }
    args.buffer = vm.bytes;
    return null;
  }

  private makeNumbersRoom(count: number): void {
    if (this.numbers !== 0) this.vm.api.free(this.numbers);
    this.numbersRoom = Math.max(64, count * 2);
    this.numbers = this.vm.allocate((this.numbersRoom + 1) * NUMBER_BYTES);
  }

  /** redis.call and redis.pcall. */
  private command(L: number, raises: boolean): number {
    const { caller, vm } = this;
    const run = this.running();
    const problem = this.readArgs(L);
    if (problem !== null) {
      pushError(vm, L, problem, false);
      return raises ? vm.raise(L) : 1;
    }
    if (caller.isBusy) {
      this.server.host.log("warning", RECURSION);
      pushError(vm, L, `ERR ${RECURSION}`, false);
      return 1;
    }
    caller.isBusy = true;
    const refusal = caller.call(run);
    caller.isBusy = false;
    if (run.needsWrite) this.onNeedsWrite(L);
    else if (caller.lastAt > this.pollAt) this.poll(L);
    if (refusal !== null) {
      pushError(vm, L, refusal, true);
      return raises ? vm.raise(L) : 1;
    }
    const { buffer, regionStart } = caller.reply;
    this.toLua.push(L, buffer, regionStart);
    if (raises && buffer[regionStart] === 0x2d) vm.raise(L);
    return 1;
  }

  private setResp(L: number): number {
    const { vm } = this;
    this.running();
    if (vm.argCount(L) !== 1) this.raise(L, "redis.setresp() requires one argument.");
    const version = Number(toInt64(vm.api.lua_tonumber(L, 1)));
    if (version !== 2 && version !== 3) this.raise(L, "RESP version must be 2 or 3.");
    this.caller.setResp(version);
    return 0;
  }

  private sha1(L: number): number {
    const { vm } = this;
    if (vm.argCount(L) !== 1) this.raise(L, "wrong number of arguments");
    if (!isTextual(vm.typeOf(L, 1))) vm.pushText(L, sha1Hex(Buffer.alloc(0)));
    else {
      const at = vm.checkString(L, 1);
      vm.pushText(L, sha1Hex(vm.bytes.subarray(at, at + vm.lengthAt(at))));
    }
    return 1;
  }

  private errorReply(L: number): number {
    const { vm } = this;
    if (!this.isOneString(L)) return 1;
    const text = vm.cTextAt(vm.stringAt(L, 1));
    pushError(vm, L, text.startsWith("-") ? text.slice(1) : text, false);
    return 1;
  }

  private statusReply(L: number): number {
    const { api } = this.vm;
    if (!this.isOneString(L)) return 1;
    api.lua_createtable(L, 0, 1);
    api.lua_pushvalue(L, 1);
    api.lua_setfield(L, -2, this.vm.name("ok"));
    return 1;
  }

  /** Else an error table is pushed, which is then the result. */
  private isOneString(L: number): boolean {
    const { vm } = this;
    if (vm.argCount(L) === 1 && vm.typeOf(L, 1) === LUA_TYPE.string) return true;
    pushError(vm, L, "ERR wrong number or type of arguments", false);
    return false;
  }

  /** Whom the op log is to tell the effects of the commands that follow; every process sees them at once, of course. */
  private setRepl(L: number): number {
    const { vm } = this;
    const run = this.running();
    if (vm.argCount(L) !== 1) this.raise(L, "redis.set_repl() requires one argument.");
    const flags = Number(toInt64(vm.api.lua_tonumber(L, 1)) & 0xffffffffn);
    if ((flags & ~PROPAGATE.all) !== 0) {
      this.raise(L, "Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.");
    }
    run.targets = flags;
    return 0;
  }

  private aclCheck(L: number): number {
    const { caller } = this.running();
    const { args } = this.caller;
    const problem = this.readArgs(L);
    if (problem !== null) {
      pushError(this.vm, L, problem, false);
      this.vm.raise(L);
    }
    const command = commandOfRequest(this.server.registry, args);
    if (command === undefined) return this.raise(L, "Invalid command passed to redis.acl_check_cmd()");
    const { permissions } = this.server;
    const isAllowed = permissions === null || permissions.denial(caller, command, args) === null;
    this.vm.api.lua_pushboolean(L, isAllowed ? 1 : 0);
    return 1;
  }

  private log(L: number): number {
    const { vm } = this;
    const count = vm.argCount(L);
    if (count < 2) this.raise(L, "redis.log() requires two arguments or more.");
    if (vm.api.lua_isnumber(L, 1) === 0) this.raise(L, "First argument must be a number (log level).");
    const level = LOG_LEVELS[Number(toInt64(vm.api.lua_tonumber(L, 1)))];
    if (level === undefined) this.raise(L, "Invalid debug level.");
    // A trial's lines would be in the log twice.
    if (this.run?.onlyRead === true && !this.run.leaveReading()) {
      this.onNeedsWrite(L);
      return 0;
    }
    const words: string[] = [];
    for (let i = 2; i <= count; i++) {
      if (isTextual(vm.typeOf(L, i))) words.push(vm.textAt(vm.checkString(L, i)));
    }
    this.server.host.log(level, Buffer.from(words.join(" "), "latin1").utf8Slice());
    return 0;
  }
}

/** The shortest text of a number; returns its end. */
function writeNumber(bytes: Buffer, at: number, value: number): number {
  if (value >= 0 && value < 10 && Math.floor(value) === value && !Object.is(value, -0)) {
    bytes[at] = 48 + value;
    return at + 1;
  }
  return at + bytes.latin1Write(formatShortest(value), at);
}
