/**
 * Which process should give how many clients to which. Nothing is planned while every process is near its share; once
 * one is off, all go to their exact shares: so small changes that follow do not move clients back.
 */

/** What is known of a process. */
export interface Load {
  readonly slot: number;
  readonly clients: number;
  /** Serves new clients; one that does not is leaving and gives all it has away. */
  readonly takes: boolean;
}

export interface Move {
  readonly from: number;
  readonly to: number;
  readonly clients: number;
}

/** A process is off its share beyond this part of it (and one client). */
const TOLERANCE = 0.1;

/**
 * `leastClients`: a process keeps so many, however few others have. `mostMoves`: bound on the clients that one process
 * gives in one plan. `isUnderWay`: an earlier plan was bounded so, and this one goes on with it.
 */
export function planMoves(loads: readonly Load[], leastClients: number, mostMoves: number, isUnderWay = false): Move[] {
  const takers = loads.filter((load) => load.takes).sort((a, b) => b.clients - a.clients);
  if (takers.length === 0) return [];
  const total = loads.reduce((sum, load) => sum + load.clients, 0);
  const share = total / takers.length;
  const slack = isUnderWay ? 1 : share * TOLERANCE + 1;
  const hasLeaving = loads.some((load) => !load.takes && load.clients > 0);
  if (!hasLeaving && takers.every(({ clients }) => Math.abs(clients - share) <= slack)) return [];
  const surplus = loads.filter((load) => !load.takes).map(({ slot, clients }) => ({ slot, clients }));
  const deficit: Array<{ slot: number; clients: number }> = [];
  const quota = Math.floor(share);
  const larger = total - quota * takers.length;
  takers.forEach(({ slot, clients }, i) => {
    // Those that have most get the one that does not divide.
    const wanted = i < larger ? quota + 1 : quota;
    const over = clients - Math.max(wanted, leastClients);
    if (over > 0) surplus.push({ slot, clients: over });
    else if (clients < wanted) deficit.push({ slot, clients: wanted - clients });
  });
  return match(surplus, deficit, mostMoves);
}

/** Spreads what each process gives evenly over those that lack clients. */
function match(
  surplus: ReadonlyArray<{ slot: number; clients: number }>,
  deficit: ReadonlyArray<{ slot: number; clients: number }>,
  mostMoves: number,
): Move[] {
  const moves: Move[] = [];
  const lacking = deficit.map((one) => ({ ...one }));
  for (const { slot: from, clients } of surplus) {
    let left = Math.min(clients, mostMoves);
    while (left > 0) {
      lacking.sort((a, b) => b.clients - a.clients);
      const to = lacking[0];
      if (to === undefined || to.clients === 0) return moves;
      // As many as bring it down to the next one's level, so that all fill up together.
      const lead = to.clients - (lacking[1]?.clients ?? 0);
      const count = Math.min(left, Math.max(1, lead));
      add(moves, from, to.slot, count);
      to.clients -= count;
      left -= count;
    }
  }
  return moves;
}

function add(moves: Move[], from: number, to: number, clients: number): void {
  const index = moves.findIndex((move) => move.from === from && move.to === to);
  const known = moves[index];
  if (known === undefined) moves.push({ from, to, clients });
  else moves[index] = { from, to, clients: known.clients + clients };
}
