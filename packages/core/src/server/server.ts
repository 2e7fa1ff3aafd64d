/**
 * Composes a worker's engine from its parts and the ports that the host program gives it, and applies the
 * configuration to them. The entry point of this package for `bin`.
 */
import { errorReply, MAX_CLIENTS } from "../base/errors.ts";
import { Client, type QueuedCommand } from "../command/client.ts";
import { Context } from "../command/context.ts";
import { type Command, defineCommand } from "../command/define-command.ts";
import { Effects } from "../command/effects.ts";
import { Permissions } from "../command/permissions.ts";
import { Registry } from "../command/registry.ts";
import type { Services } from "../command/services.ts";
import { ALL_COMMANDS } from "../commands/index.ts";
import { AccessClock } from "../keyspace/access-clock.ts";
import { DataSize } from "../keyspace/data-size.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { openKeyspace } from "../keyspace/open-keyspace.ts";
import { forgetWatches } from "../keyspace/watch.ts";
import type { AccessRules } from "../ports/access-rules.ts";
import type { Bus } from "../ports/bus.ts";
import type { Config } from "../ports/config.ts";
import type { Connection, ConnectionHandler } from "../ports/connection.ts";
import { COUNTER, SHARED_WORD64 } from "../ports/counters.ts";
import type { Host } from "../ports/host.ts";
import type { OpLog } from "../ports/op-log.ts";
import { type SharedState, sumCounter } from "../ports/shared-state.ts";
import { Args } from "../resp/args.ts";
import { ReplyWriter } from "../resp/reply-writer.ts";
import { LuaScripting } from "../scripting/scripting.ts";
import type { Session } from "../session/session.ts";
import type { OrderedStore } from "../store/ordered-store.ts";
import { MemberExpiry } from "../types/member-expiry.ts";
import { Background } from "./background.ts";
import { Balancer } from "./balancer.ts";
import { Blocking } from "./blocking.ts";
import { BusyService } from "./busy-service.ts";
import { BusClientDirectory } from "./client-directory.ts";
import { ClientMemory, clientMemoryLimit } from "./client-memory.ts";
import { ClientMoves } from "./client-moves.ts";
import { CronRunner } from "./cron-runner.ts";
import { cutOffForOutput } from "./cut-off.ts";
import { Engine } from "./engine.ts";
import { Interests } from "./interests.ts";
import { ServerIntrospection } from "./introspection.ts";
import { KeyspaceEffects } from "./keyspace-effects.ts";
import { KeyspaceNotifier } from "./keyspace-notifier.ts";
import { MemoryLimit } from "./memory-limit.ts";
import { BusMonitors } from "./monitors.ts";
import { type OutputLimit, OutputLimits } from "./output-limits.ts";
import { Pauses } from "./pauses.ts";
import { Pipeline } from "./pipeline.ts";
import { BusPubSub } from "./pubsub.ts";
import { BusTracking } from "./tracking.ts";

/** How long clients may wait for the lock because of an eviction; then the next turn tries. */
const EVICTION_LOCK_WAIT_MS = 1;

export interface ServerParts {
  readonly store: OrderedStore;
  readonly shared: SharedState;
  readonly bus: Bus;
  readonly config: Config;
  readonly host: Host;
}

/** Text that a client gets which reaches a protected server from outside (Redis' own wording is for Redis). */
const PROTECTED_MODE =
  "-DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the default user. In this mode connections are only accepted from the loopback interface. If you want to connect from external computers to Redis you may adopt one of the following solutions: 1) Just disable protected mode sending the command 'CONFIG SET protected-mode no' from the loopback interface by connecting to Redis from the same host the server is running, however MAKE SURE Redis is not publicly accessible from internet if you do so. Use CONFIG REWRITE to make this change permanent. 2) Alternatively you can just disable the protected mode by editing the Redis configuration file, and setting the protected mode option to 'no', and then restarting the server. 3) If you started the server manually just for testing, restart it with the '--protected-mode no' option. 4) Setup a an authentication password for the default user. NOTE: You only need to do one of the above things in order for the server to start accepting connections from the outside.\r\n";

export class Server implements Services {
  readonly config: Config;
  readonly shared: SharedState;
  readonly bus: Bus;
  readonly host: Host;
  permissions: Permissions | null = null;
  readonly registry: Registry;
  readonly keyspace: Keyspace;
  readonly accessClock: AccessClock;
  readonly sessions: Map<number, Session> = new Map();
  readonly counters: Float64Array;
  readonly clients: BusClientDirectory;
  readonly introspection: ServerIntrospection;
  readonly pipeline: Pipeline;
  readonly scripting: LuaScripting;
  private readonly busyService: BusyService;
  readonly engine: Engine;
  readonly blocking: Blocking;
  readonly pubsub: BusPubSub;
  readonly events: KeyspaceNotifier;
  readonly monitors: BusMonitors;
  readonly tracking: BusTracking;
  readonly background: Background;
  effects: Effects | null = null;
  private readonly moves: ClientMoves;
  private readonly clientMemory: ClientMemory;
  private readonly balancer: Balancer;
  private readonly memory: MemoryLimit;
  private readonly limits = new OutputLimits();
  private readonly pauses: Pauses;

  constructor(parts: ServerParts) {
    this.config = parts.config;
    this.shared = parts.shared;
    this.bus = parts.bus;
    this.host = parts.host;
    this.counters = parts.shared.counters(parts.shared.slot);
    this.registry = new Registry(ALL_COMMANDS.map((spec) => defineCommand(spec)));
    this.keyspace = openKeyspace(parts.store, parts.shared, parts.config.number("databases"));
    this.accessClock = new AccessClock(parts.shared.accessClock);
    this.pauses = new Pauses(parts.shared);
    this.moves = new ClientMoves({
      bus: parts.bus,
      registry: this.registry,
      counters: this.counters,
      sessions: this.sessions,
      admit: (client, connection) => this.engine.admit(client, connection),
      passwordRequired: () => this.passwordRequired,
    });
    this.balancer = new Balancer({ ...parts, sessions: this.sessions, moves: this.moves });
    this.clients = new BusClientDirectory(this, this.moves);
    const args = new Args();
    const reply = new ReplyWriter();
    const first = this.registry.byId[0] as Command;
    const nobody = new Client(0, "", "", -1, false, Date.now(), true);
    const context = new Context(args, reply, this, nobody, first);
    this.pipeline = new Pipeline(context);
    const size = new DataSize(this.keyspace);
    this.introspection = new ServerIntrospection(this, this.sessions, size);
    this.pipeline.observer = this.introspection;
    this.scripting = this.makeScripting();
    this.engine = new Engine(
      {
        args,
        reply,
        context,
        registry: this.registry,
        keyspace: this.keyspace,
        pipeline: this.pipeline,
        limits: this.limits,
        pauses: this.pauses,
        sessions: this.sessions,
      },
      parts.config.number("proto-max-bulk-len"),
    );
    this.clientMemory = new ClientMemory({
      ...parts,
      sessions: this.sessions,
      describe: (session) => this.clients.line(session.client),
      kill: (session) => this.engine.kill(session),
    });
    this.clients.memory = this.clientMemory;
    this.clients.tellOthers = () => this.engine.outbox.tellOthers();
    this.blocking = new Blocking({
      keyspace: this.keyspace,
      shared: parts.shared,
      bus: parts.bus,
      pipeline: this.pipeline,
      sessions: this.sessions,
      findCommand: (commandArgs) => this.registry.find(commandArgs),
      answer: (session, bytes) => this.engine.answerBlocked(session, bytes),
      owes: () => this.engine.outbox.owes,
      tellOthers: () => this.engine.outbox.tellOthers(),
      committed: () => this.tracking?.committed(),
      warn: (text) => this.host.log("warning", text),
    });
    this.engine.blocking = this.blocking;
    this.engine.busyError = () => this.scripting.busyError();
    this.busyService = new BusyService({
      server: this,
      sessions: this.sessions,
      maxBulkLength: () => this.engine.decoder.maxBulkLength,
      busyError: () => this.scripting.busyError(),
      received: (session, chunk, start, end) => this.engine.received(session, chunk, start, end),
      send: (session, buffer, start, end) => this.engine.send(session, buffer, start, end),
    });
    const { outbox } = this.engine;
    const toSessions = {
      push: (session: Session, frame: Buffer) => outbox.push(session, frame),
      hold: (session: Session, until: Promise<unknown>) => outbox.hold(session, until),
      wake: () => outbox.wake(),
      keep: (tell: () => void) => this.pipeline.untold.keep(tell),
    };
    const interests = new Interests(parts.shared, parts.bus);
    this.keyspace.changes.onBegun = () => void interests.look();
    this.engine.putsOff = (isIdle) => (interests.look() && this.pubsub.isBehind) || (isIdle && this.pubsub.putsOff());
    this.pubsub = new BusPubSub({
      bus: parts.bus,
      shared: parts.shared,
      interests,
      sessions: this.sessions,
      ...toSessions,
      reserve: (session) => outbox.reserve(session),
      fill: (gap, bytes) => outbox.fill(gap, bytes),
      cancel: (gap) => outbox.cancel(gap),
      owe: () => {
        outbox.owes = true;
      },
    });
    outbox.onTurnEnd = () => this.pubsub.receive();
    outbox.onSent = () => this.bus.flush();
    this.events = new KeyspaceNotifier(this.pubsub);
    this.keyspace.listener = this.events;
    this.monitors = new BusMonitors({
      bus: parts.bus,
      interests,
      config: parts.config,
      sessions: this.sessions,
      ...toSessions,
    });
    this.monitors.onActive = (active) => {
      this.pipeline.monitors = active ? this.monitors : null;
    };
    this.tracking = new BusTracking({
      bus: parts.bus,
      shared: parts.shared,
      interests,
      changes: this.keyspace.changes,
      inWriteTxn: () => this.keyspace.store.inWriteTxn,
      sessions: this.sessions,
      maxKeys: () => this.config.number("tracking-table-max-keys"),
      currentClient: () => context.client,
      inScript: () => this.scripting.isRunning,
      follow: (id, askedMs) => this.moves.follow(id, askedMs),
      ...toSessions,
    });
    this.tracking.onUpdate = () => {
      this.pipeline.tracking = this.tracking.isActive ? this.tracking : null;
    };
    outbox.onFlush.push(
      () => this.pubsub.flush(),
      () => this.monitors.flush(),
      () => this.tracking.noteTotals(),
    );
    this.engine.onCommitted = () => {
      this.memory.measure();
      return this.tracking.committed();
    };
    this.engine.beforeTurn = () => {
      this.pubsub.receiveFirst();
      const hasEvicted = this.memory.beforeTurn();
      const hasForgotten = this.tracking.isActive && this.tracking.limitKeys();
      // Clients hear that a key is gone before the replies of commands that run without it.
      if (hasEvicted || hasForgotten) this.engine.outbox.flush();
      this.pipeline.outOfMemory = this.memory.isFull;
    };
    this.engine.onDropped = () => {
      this.pubsub.drop();
      this.tracking.dropped();
    };
    this.engine.onClosed = (session) => {
      this.engine.memory?.forget(session);
      this.pubsub.gone(session);
      this.monitors.gone(session);
      this.tracking.gone(session);
    };
    this.pauses.release = (session) => this.engine.resume(session);
    this.keyspace.memberExpirer = new MemberExpiry(this.keyspace);
    this.background = new Background(this.keyspace, parts.shared, () => this.pauses.writesPaused);
    this.background.onCycle = (event, ms) => this.introspection.latency.note(event, ms);
    this.background.onTick.push(
      (nowMs) => this.tick(nowMs),
      () => {
        this.tracking.limitKeys();
      },
      () => this.scripting.tick(),
      (nowMs) => this.introspection.tick(nowMs),
      () => this.clientMemory.recount(),
      () => {
        if (this.background.isLeader) this.blocking.leaderTick();
      },
      (nowMs) => {
        this.moves.tick(nowMs);
        if (this.background.isLeader) this.balancer.leaderTick(nowMs);
      },
    );
    this.background.beforeCommit = () => this.blocking.serveReady();
    this.background.onCommitted = () => {
      this.blocking.committed();
      this.tracking.committed();
      this.memory.measure();
    };
    this.background.onBegun = () => this.engine.outbox.flush();
    this.background.onDropped = () => {
      this.blocking.aborted();
      this.engine.outbox.drop();
      this.engine.onDropped();
    };
    this.memory = new MemoryLimit({
      keyspace: this.keyspace,
      size,
      shared: parts.shared,
      clock: this.accessClock,
      config: parts.config,
      write: (work) => this.background.write(work, EVICTION_LOCK_WAIT_MS),
      paused: () => this.pauses.writesPaused,
      onCycle: (event, ms) => this.introspection.latency.note(event, ms),
    });
    this.background.evictor = this.memory;
    this.background.jobs = new CronRunner(this, this.pipeline);
    this.background.onError = (error) => {
      this.host.log("warning", `background work failed: ${error instanceof Error ? error.stack : error}`);
    };
    this.pipeline.onClientGone = (client) => forgetWatches(client, this.counters);
    this.pipeline.protectedAllowed = (command, client) => this.protectedAllowed(command, client);
    this.applyConfig();
    this.background.start(this.config.number("hz"));
    this.pauses.refresh();
  }

  private makeScripting(): LuaScripting {
    const { pipeline, introspection } = this;
    const engine = (): Engine => this.engine;
    return new LuaScripting(this, {
      get trackLatency() {
        return pipeline.trackLatency;
      },
      get outOfMemory() {
        return pipeline.outOfMemory;
      },
      get slowUsec() {
        return introspection.thresholdUsec;
      },
      slow: (context, usec) => introspection.slow(context, usec),
      countError: (text) => pipeline.countError(text),
      errorsCounted: () => pipeline.errorsCounted(),
      get busyReplyMs() {
        return engine().lockWait.thresholdMs;
      },
      serveOthers: (running) => this.busyService.serve(running),
    });
  }

  /** From the next write txn on, the effects of writes are told to `log`; null: to nobody. Outside write txns only. */
  tellEffects(log: OpLog | null): void {
    const { keyspace } = this;
    const effects = log === null ? null : new Effects(log, keyspace);
    this.effects = effects;
    keyspace.listener = effects === null ? this.events : new KeyspaceEffects(effects, this.events, this.config);
    keyspace.onTxnEnd = effects === null ? null : (isCommitted) => effects.txnEnded(isCommitted);
  }

  get passwordRequired(): boolean {
    return this.config.string("requirepass") !== "";
  }

  /** Commands are allowed by these rules from now on; null: all are. */
  setAccessRules(rules: AccessRules | null): void {
    this.permissions = rules === null ? null : new Permissions(rules, this.counters);
  }

  refreshPause(): void {
    this.pauses.refresh();
  }

  runQueued(queued: QueuedCommand, prepared: unknown): void {
    this.pipeline.runQueued(queued, prepared);
  }

  prepareQueued(queue: readonly QueuedCommand[]): Promise<unknown[]> | null {
    return this.pipeline.prepareQueued(queue);
  }

  /** The listener's callback. Null when the connection was refused. */
  accept(connection: Connection): ConnectionHandler | null {
    this.counters[COUNTER.total_connections_received] =
      (this.counters[COUNTER.total_connections_received] as number) + 1;
    const reserved = connection.isLoopback ? this.config.number("maxclients-reserved") : 0;
    if (sumCounter(this.shared, COUNTER.connected_clients) >= this.config.number("maxclients") + reserved) {
      return this.refuse(connection, `-${MAX_CLIENTS.text}\r\n`);
    }
    if (this.config.boolean("protected-mode") && !this.passwordRequired && !connection.isLoopback) {
      return this.refuse(connection, PROTECTED_MODE);
    }
    const keepAlive = this.config.number("tcp-keepalive");
    if (keepAlive > 0) connection.setKeepAlive(keepAlive);
    const id = Number(Atomics.add(this.shared.words64, SHARED_WORD64.next_client_id, 1n)) + 1;
    const { remoteAddress, localAddress, fd, isUnix } = connection;
    const client = new Client(id, remoteAddress, localAddress, fd, isUnix, Date.now(), !this.passwordRequired);
    return this.engine.admit(client, connection);
  }

  /** Takes a client that another process has moved here. */
  adopt(connection: Connection, state: unknown): ConnectionHandler {
    return this.moves.adopt(connection, state);
  }

  /** Whether other processes may move clients here from now on. */
  takesClients(takes: boolean): void {
    this.counters[COUNTER.takes_clients] = takes ? 1 : 0;
  }

  private refuse(connection: Connection, text: string): null {
    this.counters[COUNTER.rejected_connections] = (this.counters[COUNTER.rejected_connections] as number) + 1;
    const bytes = Buffer.from(text);
    connection.write(bytes, 0, bytes.length);
    return null;
  }

  /** Serves what was received, then stops periodic work. Connections stay the listener's to close. */
  async stop(): Promise<void> {
    this.background.stop();
    this.blocking.stop();
    this.pauses.stop();
    await this.engine.finish();
  }

  private protectedAllowed(command: Command, client: Client): boolean {
    const name = (command.parent ?? command).spec.name;
    const mode = this.config.string(name === "DEBUG" ? "enable-debug-command" : "enable-module-command");
    return mode === "yes" || (mode === "local" && (client.isUnix || isLoopback(client.address)));
  }

  private limitClientMemory(): void {
    this.clientMemory.limit = clientMemoryLimit(this.config);
    this.engine.memory = this.clientMemory.limit > 0 ? this.clientMemory : null;
    this.clientMemory.recount();
  }

  private tick(nowMs: number): void {
    this.memory.measure();
    const timeoutMs = this.config.number("timeout") * 1000;
    for (const session of this.sessions.values()) {
      const client = session.client;
      if (timeoutMs > 0 && client.waiting === "no" && nowMs - client.lastInteractionMs > timeoutMs) {
        this.host.log("verbose", "Closing idle client");
        this.engine.kill(session);
      } else if (session.softLimitSinceMs !== 0 && this.limits.exceeded(session, session.connection.pendingBytes)) {
        cutOffForOutput(this, session);
      }
    }
  }

  // ------------------------------------------------------------------------------------------------ configuration

  private applyConfig(): void {
    const config = this.config;
    this.follow("proto-max-bulk-len", () => {
      this.engine.decoder.maxBulkLength = config.number("proto-max-bulk-len");
    });
    this.follow("client-query-buffer-limit", () => {
      this.engine.queryBufferLimit = config.number("client-query-buffer-limit");
    });
    this.follow("client-output-buffer-limit", () => {
      this.limits.set(parseOutputLimits(config.getText("client-output-buffer-limit") ?? ""));
    });
    this.follow("latency-tracking", () => {
      this.pipeline.trackLatency = config.boolean("latency-tracking");
    });
    this.follow("busy-reply-threshold", () => {
      const ms = config.number("busy-reply-threshold");
      this.engine.lockWait.thresholdMs = ms > 0 ? ms : Number.POSITIVE_INFINITY;
    });
    for (const name of ["maxmemory", "maxmemory-clients"]) this.follow(name, () => this.limitClientMemory());
    for (const name of ["maxmemory", "maxmemory-policy", "maxmemory-samples", "maxmemory-eviction-tenacity"]) {
      this.follow(name, () => this.memory.configure());
    }
    this.follow("notify-keyspace-events", () => {
      // The printed form leaves out `n` behind `A`; the list has it.
      this.events.configure(config.list("notify-keyspace-events").join(""));
    });
    this.follow("maxmemory-policy", () => {
      this.accessClock.lfu = config.string("maxmemory-policy").endsWith("-lfu");
    });
    this.follow("lfu-log-factor", () => {
      this.accessClock.lfuLogFactor = config.number("lfu-log-factor");
    });
    this.follow("lfu-decay-time", () => {
      this.accessClock.lfuDecayMinutes = config.number("lfu-decay-time");
    });
    config.onChange("hz", () => this.background.start(config.number("hz")));
    config.onChange("requirepass", () => {
      // As in Redis: a new password asks new clients only; without one, everybody may go on.
      if (this.passwordRequired) return;
      for (const session of this.sessions.values()) session.client.authenticated = true;
    });
  }

  private follow(name: string, apply: () => void): void {
    apply();
    this.config.onChange(name, apply);
  }
}

function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address.startsWith("[::1]") || address.startsWith("::1");
}

/** `normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60`, as CONFIG GET shows it. */
function parseOutputLimits(text: string): Record<"normal" | "replica" | "pubsub", OutputLimit> {
  const words = text.split(" ");
  const limits: Record<string, OutputLimit> = {};
  for (let i = 0; i + 3 < words.length; i += 4) {
    const name = words[i] === "slave" ? "replica" : (words[i] as string);
    limits[name] = { hard: Number(words[i + 1]), soft: Number(words[i + 2]), softSeconds: Number(words[i + 3]) };
  }
  const { normal, replica, pubsub } = limits;
  if (normal === undefined || replica === undefined || pubsub === undefined) {
    throw errorReply(`ERR client-output-buffer-limit '${text}' is not understood`);
  }
  return { normal, replica, pubsub };
}
