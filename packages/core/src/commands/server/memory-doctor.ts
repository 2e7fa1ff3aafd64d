/** MEMORY DOCTOR: whether memory is used well, in plain words. */
import type { MemoryFacts } from "../../command/introspection.ts";

/** Below this the figures are the processes' own and say nothing about the data. */
const TOO_SMALL_BYTES = 5 * 1024 * 1024;

export function memoryReport(facts: MemoryFacts): string {
  if (facts.dataset < TOO_SMALL_BYTES) {
    return "There is hardly any data yet, so there is nothing to tell about memory. Ask again when the server is in use.\n";
  }
  const findings: string[] = [];
  if (facts.peak / facts.used > 1.5) {
    findings.push(
      "Peak: memory use was more than 1.5 times what it is now. The store's file keeps the room it once took and uses it for new data before it grows.",
    );
  }
  if (facts.heapTotal / facts.heapUsed > 2) {
    findings.push("Heap: the processes hold more than twice the heap that they use. V8 gives it back when it is idle.");
  }
  if (facts.clientsNormal > facts.used / 4) {
    findings.push(
      "Clients: their buffers take more than a quarter of the memory. Look at CLIENT LIST for clients that read slowly (omem, qbuf), and at client-output-buffer-limit.",
    );
  }
  if (facts.overhead > facts.dataset) {
    findings.push(
      "Overhead: the processes' heaps take more than the data. That is usual for little data; fewer server-threads take less.",
    );
  }
  if (findings.length === 0) return "No issue found: memory is used well.\n";
  return `What can be said about memory:\n\n${findings.map((text) => ` * ${text}\n`).join("")}`;
}
