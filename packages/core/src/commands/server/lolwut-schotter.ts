/**
 * After Georg Nees' "Schotter" (gravel, 1968): rows of squares that turn and stray the more the further down they are.
 * Drawn with braille characters, each of which is two dots wide and four high.
 */

class BrailleCanvas {
  private readonly columns: number;
  private readonly rows: number;
  private readonly cells: Uint8Array;

  /** Size in dots. */
  constructor(width: number, height: number) {
    this.columns = Math.ceil(width / 2);
    this.rows = Math.ceil(height / 4);
    this.cells = new Uint8Array(this.columns * this.rows);
  }

  dot(x: number, y: number): void {
    const column = Math.floor(x / 2);
    const row = Math.floor(y / 4);
    if (column < 0 || row < 0 || column >= this.columns || row >= this.rows) return;
    const at = row * this.columns + column;
    this.cells[at] = (this.cells[at] as number) | dotBit(Math.floor(x) & 1, Math.floor(y) & 3);
  }

  line(x1: number, y1: number, x2: number, y2: number): void {
    const steps = Math.max(1, Math.ceil(Math.max(Math.abs(x2 - x1), Math.abs(y2 - y1))));
    for (let i = 0; i <= steps; i++) this.dot(x1 + ((x2 - x1) * i) / steps, y1 + ((y2 - y1) * i) / steps);
  }

  text(): string {
    let text = "";
    for (let row = 0; row < this.rows; row++) {
      const cells = this.cells.subarray(row * this.columns, (row + 1) * this.columns);
      text += `${String.fromCharCode(...Array.from(cells, (cell) => 0x2800 + cell))}\n`;
    }
    return text;
  }
}

/** Braille numbers its dots down the columns, with the fourth row added last. */
function dotBit(x: number, y: number): number {
  if (y === 3) return x === 0 ? 0x40 : 0x80;
  return 1 << (x * 3 + y);
}

/** `columns` characters wide, so many squares per row and per column. */
export function schotter(columns: number, squaresPerRow: number, squaresPerColumn: number): string {
  const width = columns * 2;
  const padding = width > 4 ? 2 : 0;
  const side = (width - padding * 2) / squaresPerRow;
  const canvas = new BrailleCanvas(width, side * squaresPerColumn + padding * 2);
  for (let row = 0; row < squaresPerColumn; row++) {
    const disorder = squaresPerColumn > 1 ? row / (squaresPerColumn - 1) : 0;
    for (let column = 0; column < squaresPerRow; column++) {
      const stray = (): number => (Math.random() - 0.5) * side * 0.6 * disorder ** 2;
      const x = padding + (column + 0.5) * side + stray();
      const y = padding + (row + 0.5) * side + stray();
      square(canvas, x, y, side, (Math.random() - 0.5) * 1.6 * disorder ** 1.5);
    }
  }
  return `${canvas.text()}\nGeorg Nees - schotter, plotter on paper, 1968. `;
}

function square(canvas: BrailleCanvas, x: number, y: number, side: number, angle: number): void {
  const radius = side / Math.SQRT2;
  const corners = [0, 1, 2, 3].map((i) => {
    const at = angle + Math.PI / 4 + (i * Math.PI) / 2;
    return [x + radius * Math.cos(at), y + radius * Math.sin(at)] as const;
  });
  for (let i = 0; i < 4; i++) {
    const [x1, y1] = corners[i] as (typeof corners)[number];
    const [x2, y2] = corners[(i + 1) % 4] as (typeof corners)[number];
    canvas.line(x1, y1, x2, y2);
  }
}
