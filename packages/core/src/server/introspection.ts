/** Composes what the server knows about itself, and hangs it into the pipeline and the periodic work. */
import type { Context } from "../command/context.ts";
import type { Introspection, MemoryFacts } from "../command/introspection.ts";
import type { Services } from "../command/services.ts";
import type { DataSize } from "../keyspace/data-size.ts";
import type { Session } from "../session/session.ts";
import { ErrorStats } from "./error-stats.ts";
import { infoText } from "./info.ts";
import type { InfoParts } from "./info-fields.ts";
import { ServerLatencyMonitor } from "./latency-monitor.ts";
import { MemoryReader } from "./memory-reader.ts";
import type { CommandObserver } from "./pipeline.ts";
import { ProcessSampler } from "./process-sampler.ts";
import { ServerSlowlog } from "./slowlog.ts";
import { ServerStatistics } from "./statistics.ts";

export class ServerIntrospection implements Introspection, CommandObserver {
  readonly slowlog: ServerSlowlog;
  readonly latency: ServerLatencyMonitor;
  readonly statistics: ServerStatistics;
  /** Microseconds from which a command is worth a look. */
  thresholdUsec = Number.POSITIVE_INFINITY;
  private readonly errors: ErrorStats;
  private readonly memoryReader: MemoryReader;
  private readonly sampler: ProcessSampler;
  private readonly infoParts: InfoParts;

  constructor(services: Omit<Services, "introspection">, sessions: ReadonlyMap<number, Session>, size: DataSize) {
    const { bus, config, host, keyspace, registry, shared } = services;
    this.errors = new ErrorStats(shared);
    this.statistics = new ServerStatistics(shared, bus, this.errors);
    this.slowlog = new ServerSlowlog(config, shared, bus);
    this.latency = new ServerLatencyMonitor(config, shared);
    this.memoryReader = new MemoryReader(shared, keyspace.store, size);
    this.sampler = new ProcessSampler(shared, host, sessions);
    this.statistics.onReset = () => this.sampler.clear();
    this.infoParts = {
      config,
      shared,
      host,
      keyspace,
      registry,
      statistics: this.statistics,
      memory: this.memoryReader,
      subscribedNames: (kind) => services.pubsub.names(kind).length,
      blockingKeys: () => services.blocking.countKeys(),
      scripts: () => services.scripting.memory(),
    };
    const applyThresholds = (): void => {
      this.thresholdUsec = Math.min(this.slowlog.thresholdUsec, this.latency.thresholdMs * 1000);
    };
    applyThresholds();
    // Registered after those of the two, so that their values are fresh.
    config.onChange("slowlog-log-slower-than", applyThresholds);
    config.onChange("latency-monitor-threshold", applyThresholds);
  }

  tick(nowMs: number): void {
    this.sampler.tick(nowMs);
  }

  slow(context: Context, usec: number): void {
    const { command } = context;
    if (usec >= this.slowlog.thresholdUsec && !command.skipSlowlog) this.slowlog.add(context, usec);
    this.latency.note(command.spec.flags.includes("fast") ? "fast-command" : "command", usec / 1000);
  }

  failed(text: string): void {
    this.errors.count(text);
  }

  waited(usec: number): void {
    this.latency.note("lock-wait", usec / 1000);
  }

  get watchesCommits(): boolean {
    return this.latency.thresholdMs !== Number.POSITIVE_INFINITY;
  }

  committed(usec: number): void {
    this.latency.note("storage-commit", usec / 1000);
  }

  memory(): MemoryFacts {
    this.sampler.refresh();
    return this.memoryReader.read();
  }

  info(sections: readonly string[]): string {
    this.sampler.refresh();
    return infoText(this.infoParts, sections);
  }
}
