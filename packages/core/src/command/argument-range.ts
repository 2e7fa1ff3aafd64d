/** The argument indexes `[first, end)`. */
export function argumentRange(first: number, end: number): number[] {
  return Array.from({ length: end - first }, (_, i) => first + i);
}
