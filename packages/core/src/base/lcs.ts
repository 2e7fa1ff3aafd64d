/**
 * Longest common subsequence with the choices of Redis' LCS, so that among several longest ones the same is found: the
 * walk back from the ends takes a match whenever the bytes are equal, else follows the longer remainder, and `b` gets
 * shorter when both are equally long.
 *
 * Time is a.length * b.length. Redis keeps the whole table of 32-bit lengths; here only two rows live at a time, and
 * one bit per cell says where to go.
 */

/** One run of consecutive matches; both ends inclusive, as LCS IDX replies them. */
export type LcsMatch = { aStart: number; aEnd: number; bStart: number; bEnd: number; length: number };

/** The size of Redis' table for these lengths: above `proto-max-bulk-len` LCS is refused. */
export function lcsTableBytes(aLength: number, bLength: number): number {
  return (aLength + 1) * (bLength + 1) * 4;
}

export function lcsLength(a: Uint8Array, b: Uint8Array): number {
  return fill(a, b, null);
}

export function lcsString(a: Uint8Array, b: Uint8Array): Buffer {
  const { length, steps } = directions(a, b);
  const result = Buffer.allocUnsafe(length);
  let left = length;
  walk(a, b, steps, (i) => {
    result[--left] = a[i] as number;
  });
  return result;
}

/** All runs of at least `minMatchLength` bytes from the end to the beginning, and the length of the LCS. */
export function lcsMatches(a: Uint8Array, b: Uint8Array, minMatchLength = 0): { matches: LcsMatch[]; length: number } {
  const { length, steps } = directions(a, b);
  const matches: LcsMatch[] = [];
  let run: LcsMatch | null = null;
  const finish = (): void => {
    if (run !== null && run.length >= minMatchLength) matches.push(run);
    run = null;
  };
  walk(a, b, steps, (i, j) => {
    if (run !== null && run.aStart === i + 1 && run.bStart === j + 1) {
      run.aStart = i;
      run.bStart = j;
      run.length++;
    } else {
      finish();
      run = { aStart: i, aEnd: i, bStart: j, bEnd: j, length: 1 };
    }
  });
  finish();
  return { matches, length };
}

function directions(a: Uint8Array, b: Uint8Array): { length: number; steps: Uint8Array } {
  const steps = new Uint8Array(Math.ceil((a.length * b.length) / 8));
  return { length: fill(a, b, steps), steps };
}

/**
 * Computes the lengths row by row and returns the last one. In `steps`, bit `i * b.length + j` is set where the walk at
 * (a[i], b[j]) shortens `a` rather than `b`.
 */
function fill(a: Uint8Array, b: Uint8Array, steps: Uint8Array | null): number {
  const width = b.length;
  const row = new Uint32Array(width + 1);
  let cell = 0;
  for (let i = 0; i < a.length; i++) {
    const c = a[i] as number;
    // The cells to the upper left and to the left of the current one; the row still holds those above.
    let diagonal = 0;
    let left = 0;
    for (let j = 0; j < width; j++, cell++) {
      const above = row[j + 1] as number;
      if (c === b[j]) {
        left = diagonal + 1;
      } else if (above > left) {
        left = above;
        if (steps !== null) steps[Math.floor(cell / 8)] = (steps[Math.floor(cell / 8)] as number) | (1 << (cell & 7));
      }
      diagonal = above;
      row[j + 1] = left;
    }
  }
  return row[width] as number;
}

/** Calls `onMatch` for each byte of the subsequence, the last one first. */
function walk(a: Uint8Array, b: Uint8Array, steps: Uint8Array, onMatch: (i: number, j: number) => void): void {
  let i = a.length - 1;
  let j = b.length - 1;
  while (i >= 0 && j >= 0) {
    if (a[i] === b[j]) {
      onMatch(i, j);
      i--;
      j--;
    } else {
      const cell = i * b.length + j;
      if (((steps[Math.floor(cell / 8)] as number) >> (cell % 8)) & 1) i--;
      else j--;
    }
  }
}
