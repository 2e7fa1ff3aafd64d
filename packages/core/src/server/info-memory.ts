/** INFO memory. */
import { bytesToHuman } from "../base/human-bytes.ts";
import { countTrash } from "../keyspace/reclaim.ts";
import { fieldLines, type InfoParts, TRASH_COUNT_MAX, total } from "./info-fields.ts";

export function memoryLines(parts: InfoParts): string {
  const { config, host, keyspace } = parts;
  const memory = parts.memory.read();
  const system = host.totalSystemMemoryBytes();
  const maxMemory = config.number("maxmemory");
  const scripts = parts.scripts();
  const vmBytes = scripts.evalVmBytes + scripts.functionVmBytes;
  const scriptBytes = scripts.scriptBytes + scripts.functionBytes;
  const fragmentation = memory.resident - memory.used;
  return fieldLines([
    ["used_memory", memory.used],
    ["used_memory_human", bytesToHuman(memory.used)],
    ["used_memory_rss", memory.resident],
    ["used_memory_rss_human", bytesToHuman(memory.resident)],
    ["used_memory_peak", memory.peak],
    ["used_memory_peak_human", bytesToHuman(memory.peak)],
    ["used_memory_peak_perc", `${((memory.used / memory.peak) * 100).toFixed(2)}%`],
    ["used_memory_overhead", memory.overhead],
    ["used_memory_startup", memory.startup],
    ["used_memory_dataset", memory.dataset],
    ["used_memory_dataset_perc", `${datasetPercentage(memory).toFixed(2)}%`],
    ["allocator_allocated", memory.heapUsed],
    ["allocator_active", memory.heapTotal],
    ["allocator_resident", memory.resident],
    ["total_system_memory", system],
    ["total_system_memory_human", bytesToHuman(system)],
    ["used_memory_lua", scripts.evalVmBytes],
    ["used_memory_vm_eval", scripts.evalVmBytes],
    ["used_memory_lua_human", bytesToHuman(scripts.evalVmBytes)],
    ["used_memory_scripts_eval", scripts.scriptBytes],
    ["number_of_cached_scripts", scripts.scripts],
    ["number_of_functions", scripts.functions],
    ["number_of_libraries", scripts.libraries],
    ["used_memory_vm_functions", scripts.functionVmBytes],
    ["used_memory_vm_total", vmBytes],
    ["used_memory_vm_total_human", bytesToHuman(vmBytes)],
    ["used_memory_functions", scripts.functionBytes],
    ["used_memory_scripts", scriptBytes],
    ["used_memory_scripts_human", bytesToHuman(scriptBytes)],
    ["maxmemory", maxMemory],
    ["maxmemory_human", bytesToHuman(maxMemory)],
    ["maxmemory_policy", config.string("maxmemory-policy")],
    ["allocator_frag_ratio", (memory.heapTotal / memory.heapUsed).toFixed(2)],
    ["allocator_frag_bytes", memory.heapTotal - memory.heapUsed],
    ["allocator_rss_ratio", (memory.resident / memory.heapTotal).toFixed(2)],
    ["allocator_rss_bytes", memory.resident - memory.heapTotal],
    ["rss_overhead_ratio", "1.00"],
    ["rss_overhead_bytes", 0],
    ["mem_fragmentation_ratio", (memory.resident / memory.used).toFixed(2)],
    ["mem_fragmentation_bytes", fragmentation],
    ["mem_not_counted_for_evict", memory.used - memory.counted],
    ["mem_replication_backlog", 0],
    ["mem_total_replication_buffers", 0],
    ["mem_clients_slaves", 0],
    ["mem_clients_normal", memory.clientsNormal],
    ["mem_cluster_links", 0],
    ["mem_aof_buffer", 0],
    ["mem_allocator", "v8"],
    ["active_defrag_running", 0],
    ["lazyfree_pending_objects", countTrash(keyspace, TRASH_COUNT_MAX)],
    ["lazyfreed_objects", total(parts, "lazyfreed_objects")],
    ["storage_provider", "none"],
    ["available_system_memory", "unavailable"],
  ]);
}

/** Share of the data in what was allocated since start. */
export function datasetPercentage(memory: { dataset: number; used: number; startup: number }): number {
  const net = memory.used - memory.startup;
  return net <= 0 ? 0 : Math.min(100, (memory.dataset / net) * 100);
}
