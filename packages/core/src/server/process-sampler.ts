/**
 * Publishes what only a process knows of itself (memory, CPU, event loop, rates, its clients' buffers) into its row of
 * shared memory, so that INFO of any process can tell of all. Rates ten times a second or so, the rest once a second.
 */
import { COUNTER, type CounterName } from "../ports/counters.ts";
import type { Host } from "../ports/host.ts";
import type { SharedState } from "../ports/shared-state.ts";
import type { Session } from "../session/session.ts";

/** Samples that a rate is averaged over, as in Redis (STATS_METRIC_SAMPLES). */
const RATE_SAMPLES = 16;
const SLOW_PERIOD_MS = 1000;
/** Seconds over which the largest client buffers are remembered (Redis' CLIENTS_PEAK_MEM_USAGE_SLOTS). */
const PEAK_SECONDS = 8;

/** Growth of a value per unit of a base, averaged over the last samples. */
class Rate {
  private readonly samples = new Float64Array(RATE_SAMPLES);
  private index = 0;
  private lastValue = 0;
  private lastBase = 0;

  add(value: number, base: number): void {
    const grown = base - this.lastBase;
    if (grown <= 0) return;
    if (this.lastBase > 0) {
      // A value that fell was reset.
      this.samples[this.index] = Math.max(0, value - this.lastValue) / grown;
      this.index = (this.index + 1) % RATE_SAMPLES;
    }
    this.lastValue = value;
    this.lastBase = base;
  }

  get average(): number {
    let sum = 0;
    for (const sample of this.samples) sum += sample;
    return sum / RATE_SAMPLES;
  }

  clear(): void {
    this.samples.fill(0);
    this.lastBase = 0;
  }
}

/** Node's event loop figures (Node 22.8 and later). */
interface LoopTiming {
  readonly uvMetricsInfo?: { readonly loopCount: number };
}

export class ProcessSampler {
  private readonly counters: Float64Array;
  private readonly sharedBytes: number;
  private readonly host: Host;
  private readonly sessions: ReadonlyMap<number, Session>;
  private readonly commands = new Rate();
  private readonly input = new Rate();
  private readonly output = new Rate();
  private readonly cycles = new Rate();
  private readonly cycleTime = new Rate();
  private readonly lockWaits = new Rate();
  private readonly peaks = { input: new Float64Array(PEAK_SECONDS), output: new Float64Array(PEAK_SECONDS) };
  private peakIndex = 0;
  private slowAtMs = 0;
  private readonly published = { loops: 0, loopUsec: 0, user: 0, system: 0, mainUser: 0, mainSystem: 0 };

  constructor(shared: SharedState, host: Host, sessions: ReadonlyMap<number, Session>) {
    this.counters = shared.counters(shared.slot);
    this.host = host;
    this.sessions = sessions;
    this.sharedBytes = shared.sizeBytes;
    this.refresh();
    this.set("startup_bytes", this.get("heap_used_bytes") + this.get("external_bytes"));
  }

  private set(name: CounterName, value: number): void {
    this.counters[COUNTER[name]] = value;
  }

  private get(name: CounterName): number {
    return this.counters[COUNTER[name]] as number;
  }

  /** Adds what a total of the process has grown by to its counter, which outlives the process. */
  private grow(name: CounterName, key: keyof ProcessSampler["published"], total: number): void {
    this.set(name, this.get(name) + Math.max(0, total - this.published[key]));
    this.published[key] = total;
  }

  /** To be called some ten times a second. */
  tick(nowMs: number): void {
    this.sampleLoop();
    this.commands.add(this.get("total_commands_processed"), nowMs);
    this.input.add(this.get("total_net_input_bytes"), nowMs);
    this.output.add(this.get("total_net_output_bytes"), nowMs);
    this.cycles.add(this.published.loops, nowMs);
    this.cycleTime.add(this.published.loopUsec, this.published.loops);
    this.lockWaits.add(this.get("lock_wait_usec"), nowMs);
    this.set("instantaneous_ops", this.commands.average * 1000);
    this.set("instantaneous_input_kbps", (this.input.average * 1000) / 1024);
    this.set("instantaneous_output_kbps", (this.output.average * 1000) / 1024);
    this.set("instantaneous_loop_cycles", this.cycles.average * 1000);
    this.set("instantaneous_loop_usec", this.cycleTime.average);
    this.set("instantaneous_lock_waiting", this.lockWaits.average / 1000);
    if (nowMs - this.slowAtMs < SLOW_PERIOD_MS) return;
    this.slowAtMs = nowMs;
    this.peakIndex = (this.peakIndex + 1) % PEAK_SECONDS;
    this.peaks.input[this.peakIndex] = 0;
    this.peaks.output[this.peakIndex] = 0;
    this.refresh();
  }

  private sampleLoop(): void {
    const timing = performance.nodeTiming as unknown as LoopTiming;
    this.grow("loop_cycles", "loops", timing.uvMetricsInfo?.loopCount ?? 0);
    this.grow("loop_usec", "loopUsec", performance.eventLoopUtilization().active * 1000);
  }

  /** Brings the gauges of memory, CPU and clients up to date. */
  refresh(): void {
    this.sampleLoop();
    const memory = process.memoryUsage();
    this.set("rss_bytes", memory.rss);
    this.set("heap_used_bytes", memory.heapUsed);
    this.set("heap_total_bytes", memory.heapTotal);
    // The view of the shared region counts as memory of each process.
    this.set("external_bytes", Math.max(0, memory.external - this.sharedBytes));
    const resident = this.host.residentMemory();
    this.set("resident_own_bytes", resident.ownBytes);
    this.set("resident_shared_bytes", resident.sharedBytes);
    const cpu = process.cpuUsage();
    this.grow("cpu_user_usec", "user", cpu.user);
    this.grow("cpu_sys_usec", "system", cpu.system);
    const main = process.threadCpuUsage();
    this.grow("cpu_user_main_usec", "mainUser", main.user);
    this.grow("cpu_sys_main_usec", "mainSystem", main.system);
    this.sampleClients();
  }

  private sampleClients(): void {
    let bytes = 0;
    let input = this.peaks.input[this.peakIndex] as number;
    let output = this.peaks.output[this.peakIndex] as number;
    for (const session of this.sessions.values()) {
      bytes += session.memoryBytes;
      input = Math.max(input, session.queryBufferBytes);
      output = Math.max(output, session.outputBufferBytes);
    }
    this.peaks.input[this.peakIndex] = input;
    this.peaks.output[this.peakIndex] = output;
    this.set("mem_clients_normal", bytes);
    this.set("client_recent_max_input_buffer", Math.max(...this.peaks.input));
    this.set("client_recent_max_output_buffer", Math.max(...this.peaks.output));
  }

  /** After CONFIG RESETSTAT: rates start anew. */
  clear(): void {
    for (const rate of [this.commands, this.input, this.output, this.cycles, this.cycleTime, this.lockWaits]) {
      rate.clear();
    }
  }
}
