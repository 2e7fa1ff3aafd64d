/**
 * The data types by size, our server beside redis-server in turns. Two tables from the same runs:
 *   --types     rate, latency and CPU per operation of each command at each size and depth
 *   --scaling   CPU per operation by number of elements, one line per command: how the cost grows
 *
 * A command that changes the size works on as many collections as it takes to change each by CHANGED_MAX at most.
 */
import type { RespClient } from "../../test/support/resp-client.ts";
import { freed } from "../../test/support/stall-probe.ts";
import { COLLECTION_TYPES, COMMANDS, type CollectionCommand, collectionKey, fill } from "./collections.ts";
import { type LoadResult, runLoad } from "./load.ts";
import { median } from "./measure.ts";
import type { Target } from "./targets.ts";

export interface CollectionBench {
  readonly sizes: readonly number[];
  readonly pipelines: readonly number[];
  readonly rounds: number;
  /** Operations of a run at scale 1 are OPERATIONS, fewer for slow commands. */
  readonly scale: number;
  /** Names of commands (with or without what follows the first blank); empty: all. */
  readonly only: readonly string[];
  /** Only the commands of the scaling table. */
  readonly scalingOnly: boolean;
}

export interface CollectionRow {
  readonly command: CollectionCommand;
  readonly size: number;
  readonly pipeline: number;
  /** In the order of the targets. */
  readonly results: readonly LoadResult[];
}

const OPERATIONS = 20_000;
/** Seconds of the server's processor that a run may take, as far as a first, cold try tells. */
const RUN_SECONDS = 2;
const CONNECTIONS = 50;
/** Share of its elements by which a collection may grow or shrink while a command is measured. */
const CHANGED_MAX = 0.3;
/** Elements in all collections of a size, unless one alone has more. */
const ELEMENTS_MAX = 300_000;

function chosen(bench: CollectionBench): CollectionCommand[] {
  return COMMANDS.filter((command) => {
    if (bench.scalingOnly && !command.scales) return false;
    return bench.only.length === 0 || bench.only.some((name) => command.name.split(" ")[0] === name);
  });
}

function collectionsOf(commands: readonly CollectionCommand[], size: number, operations: number): number {
  const most = Math.max(1, Math.floor(ELEMENTS_MAX / size));
  const changed = Math.max(0, ...commands.map((command) => Math.abs(command.drift)));
  return Math.min(most, Math.max(1, Math.ceil((operations * changed) / (size * CHANGED_MAX))));
}

class Collections {
  private readonly target: Target;
  private readonly client: RespClient;
  private readonly size: number;
  private readonly count: number;
  private readonly type: CollectionCommand["type"];
  private drift = 0;

  constructor(target: Target, client: RespClient, type: CollectionCommand["type"], size: number, count: number) {
    this.target = target;
    this.client = client;
    this.type = type;
    this.size = size;
    this.count = count;
  }

  async fill(): Promise<void> {
    this.drift = 0;
    await fill(this.client, this.type, this.size, this.count);
    // Freeing in the background would count as the next command's.
    await freed(this.client);
  }

  async run(command: CollectionCommand, pipeline: number, operations: number): Promise<LoadResult> {
    const { size, count } = this;
    const room = Math.floor((size * count * CHANGED_MAX) / Math.max(1, Math.abs(command.drift)));
    const most = command.drift === 0 ? operations : Math.min(operations, Math.max(1, room));
    const change = Math.abs(command.drift) * most;
    if (this.drift + change > size * count * CHANGED_MAX) await this.fill();
    this.drift += change;
    return runLoad(this.target, {
      command: (i) => command.command({ key: collectionKey(this.type, size, i % count), size, i }),
      operations: most,
      connections: Math.max(1, Math.min(CONNECTIONS, Math.floor(most / (2 * pipeline)))),
      pipeline,
    });
  }
}

/** Runs everything; `report` is told of each row as it is there. */
export async function benchCollections(
  targets: readonly Target[],
  bench: CollectionBench,
  report: (row: CollectionRow) => void,
): Promise<CollectionRow[]> {
  const rows: CollectionRow[] = [];
  for (const type of COLLECTION_TYPES) {
    const ofType = chosen(bench).filter((command) => command.type === type);
    if (ofType.length === 0) continue;
    for (const size of bench.sizes) {
      const commands = ofType.filter((command) => size >= (command.least ?? 1));
      const clients = await Promise.all(targets.map((target) => target.connect()));
      const count = collectionsOf(commands, size, OPERATIONS * bench.scale * bench.pipelines.length * bench.rounds);
      const collections = targets.map(
        (target, index) => new Collections(target, clients[index] as RespClient, type, size, count),
      );
      for (const each of collections) await each.fill();
      for (const command of commands) {
        for (const pipeline of bench.pipelines) {
          const row = await compare(command, size, pipeline, collections, bench);
          rows.push(row);
          report(row);
        }
      }
      for (const client of clients) {
        await client.ok("FLUSHALL");
        await freed(client);
        await client.close();
      }
    }
  }
  return rows;
}

async function compare(
  command: CollectionCommand,
  size: number,
  pipeline: number,
  collections: readonly Collections[],
  bench: CollectionBench,
): Promise<CollectionRow> {
  const operations: number[] = [];
  // A few operations tell how many there can be; the rest of the first run warms up.
  for (const each of collections) {
    const { cpuUsec } = await each.run(command, 1, 8);
    const wanted = Math.min(OPERATIONS, (RUN_SECONDS * 1e6) / cpuUsec);
    operations.push(Math.max(16 * pipeline, Math.floor(wanted * bench.scale)));
    await each.run(command, pipeline, Math.min(2000, operations.at(-1) ?? 0));
  }
  const runs: LoadResult[][] = collections.map(() => []);
  for (let round = 0; round < bench.rounds; round++) {
    for (const [index, each] of collections.entries()) {
      runs[index]?.push(await each.run(command, pipeline, operations[index] ?? 0));
    }
  }
  return { command, size, pipeline, results: runs.map(medianOf) };
}

function medianOf(runs: readonly LoadResult[]): LoadResult {
  const of = (pick: (run: LoadResult) => number): number => median(runs.map(pick));
  return {
    perSecond: of((run) => run.perSecond),
    p50Ms: of((run) => run.p50Ms),
    p99Ms: of((run) => run.p99Ms),
    cpuUsec: of((run) => run.cpuUsec),
    seconds: of((run) => run.seconds),
  };
}

// ------------------------------------------------------------------------------------------------ tables

function ratio(value: number, base: number | undefined): string {
  return base === undefined || !Number.isFinite(value / base) ? "-" : `${(value / base).toFixed(1)}x`;
}

function sizeName(size: number): string {
  return size.toLocaleString("en");
}

/** One command at one size and depth: a line per server. */
export function typeLines(targets: readonly Target[], row: CollectionRow): string[] {
  const base = targets[0]?.name === "redis-server" ? row.results[0] : undefined;
  return row.results.map((result, index) =>
    [
      row.command.name.padEnd(19),
      sizeName(row.size).padStart(9),
      `P=${row.pipeline}`.padEnd(5),
      (targets[index]?.name ?? "").padEnd(13),
      Math.round(result.perSecond).toLocaleString("en").padStart(10),
      result.p50Ms.toFixed(2).padStart(7),
      result.p99Ms.toFixed(2).padStart(7),
      result.cpuUsec.toFixed(2).padStart(9),
      ratio(result.perSecond, base?.perSecond).padStart(6),
      ratio(result.cpuUsec, base?.cpuUsec).padStart(6),
    ].join(" "),
  );
}

export const TYPE_HEADING =
  "command               elements depth server        per second  p50 ms  p99 ms    cpu us   rate    cpu  (ratios to redis-server)";

/** The scaling table at one depth: CPU microseconds per operation, redis-server's / ours and the ratio. */
export function scalingTable(targets: readonly Target[], rows: readonly CollectionRow[], pipeline: number): string[] {
  const sizes = [...new Set(rows.map((row) => row.size))].sort((a, b) => a - b);
  const lines = [
    `server CPU per operation, us, P=${pipeline}: ${targets.map((target) => target.name).join(" / ")} (ratio of the last to the first)`,
    `${"command".padEnd(19)} ${"documented".padEnd(13)}${sizes.map((size) => sizeName(size).padStart(24)).join("")}`,
  ];
  for (const command of new Set(rows.map((row) => row.command))) {
    const cells = sizes.map((size) => {
      const row = rows.find((one) => one.command === command && one.size === size && one.pipeline === pipeline);
      if (row === undefined) return "-".padStart(24);
      const costs = row.results.map((result) => result.cpuUsec);
      const text = costs.map((cost) => cost.toFixed(cost < 100 ? 2 : 0)).join(" / ");
      return `${text} (${ratio(costs.at(-1) ?? Number.NaN, costs[0])})`.padStart(24);
    });
    lines.push(`${command.name.padEnd(19)} ${command.complexity.padEnd(13)}${cells.join("")}`);
  }
  return lines;
}
