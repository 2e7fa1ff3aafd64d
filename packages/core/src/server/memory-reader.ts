/**
 * Memory of the whole server: what each process publishes of its own, and the data in the store, which is mapped by all
 * and counted once.
 */
import type { MemoryFacts } from "../command/introspection.ts";
import type { DataSize } from "../keyspace/data-size.ts";
import { COUNTER, type CounterName, SHARED_WORD64 } from "../ports/counters.ts";
import type { SharedState } from "../ports/shared-state.ts";
import type { OrderedStore } from "../store/ordered-store.ts";

export class MemoryReader {
  private readonly shared: SharedState;
  private readonly store: OrderedStore;
  private readonly size: DataSize;

  constructor(shared: SharedState, store: OrderedStore, size: DataSize) {
    this.size = size;
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
    const counted = this.size.read();
    const startup = this.sum("startup_bytes");
    const clientsNormal = this.sum("mem_clients_normal");
    const lua = this.sum("lua_memory_bytes") + this.sum("lua_function_memory_bytes");
    // Not the heaps themselves: garbage that waits for its collection comes and goes by megabytes, and is no use.
    const used = startup + counted + clientsNormal + lua;
    const shared = this.shared
      .liveSlots()
      .map((slot) => this.shared.counters(slot)[COUNTER.resident_shared_bytes] as number);
    return {
      used,
      peak: this.raisePeak(used),
      startup,
      dataset,
      counted,
      overhead: used - counted,
      heapUsed,
      heapTotal: this.sum("heap_total_bytes") + external,
      // Pages that several processes map are there once.
      resident: this.sum("resident_own_bytes") + Math.max(0, ...shared),
      clientsNormal,
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
