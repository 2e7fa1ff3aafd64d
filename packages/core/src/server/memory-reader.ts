/**
 * Memory of the whole server: the processes' own heaps, as each publishes them, and the data in the store, which is
 * mapped by all and counted once.
 */
import type { MemoryFacts } from "../command/introspection.ts";
import { COUNTER, type CounterName, SHARED_WORD64 } from "../ports/counters.ts";
import type { SharedState } from "../ports/shared-state.ts";
import type { OrderedStore } from "../store/ordered-store.ts";

export class MemoryReader {
  private readonly shared: SharedState;
  private readonly store: OrderedStore;

  constructor(shared: SharedState, store: OrderedStore) {
    this.shared = shared;
    this.store = store;
  }

  private sum(name: CounterName): number {
    let sum = 0;
    for (const slot of this.shared.liveSlots()) sum += this.shared.counters(slot)[COUNTER[name]] as number;
    return sum;
  }

  read(): MemoryFacts {
    const stats = this.store.stats();
    const dataset = (stats.branchPages + stats.leafPages + stats.overflowPages) * stats.pageSizeBytes;
    const external = this.sum("external_bytes");
    const heapUsed = this.sum("heap_used_bytes") + external;
    const used = heapUsed + dataset;
    const shared = this.shared
      .liveSlots()
      .map((slot) => this.shared.counters(slot)[COUNTER.resident_shared_bytes] as number);
    return {
      used,
      peak: this.raisePeak(used),
      startup: this.sum("startup_bytes"),
      dataset,
      overhead: heapUsed,
      heapUsed,
      heapTotal: this.sum("heap_total_bytes") + external,
      // Pages that several processes map are there once.
      resident: this.sum("resident_own_bytes") + Math.max(0, ...shared),
      clientsNormal: this.sum("mem_clients_normal"),
      lua: this.sum("lua_memory_bytes"),
    };
  }

  /** The highest use seen by any process, `used` included. */
  private raisePeak(used: number): number {
    const { words64 } = this.shared;
    const index = SHARED_WORD64.peak_memory_bytes;
    const wanted = BigInt(Math.round(used));
    for (;;) {
      const peak = Atomics.load(words64, index);
      if (peak >= wanted) return Number(peak);
      if (Atomics.compareExchange(words64, index, peak, wanted) === peak) return Number(wanted);
    }
  }
}
