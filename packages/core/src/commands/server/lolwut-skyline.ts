/** A night skyline in four shades of grey, after the backgrounds of early game consoles: towers with lit windows. */

/** Black, dark grey, light grey, white as terminal background colours. */
const SHADES = ["\u001b[0;30;40m", "\u001b[0;90;100m", "\u001b[0;37;47m", "\u001b[0;97;107m"] as const;
const RESET = "\u001b[0m";
const BLACK = 0;
const SKY = 1;
const GREY = 2;
const WHITE = 3;

class ShadeCanvas {
  readonly columns: number;
  readonly rows: number;
  private readonly cells: Uint8Array;

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
    this.cells = new Uint8Array(columns * rows).fill(SKY);
  }

  fill(left: number, top: number, width: number, height: number, shade: number): void {
    for (let y = Math.max(0, top); y < Math.min(this.rows, top + height); y++) {
      for (let x = Math.max(0, left); x < Math.min(this.columns, left + width); x++) {
        this.cells[y * this.columns + x] = shade;
      }
    }
  }

  text(): string {
    let text = "";
    for (let y = 0; y < this.rows; y++) {
      for (let x = 0; x < this.columns; x++) text += `${SHADES[this.cells[y * this.columns + x] as number]} `;
      text += `${RESET}\n`;
    }
    return text;
  }
}

function between(low: number, high: number): number {
  return low + Math.floor(Math.random() * (high - low + 1));
}

export function skyline(columns: number, rows: number): string {
  const canvas = new ShadeCanvas(columns, rows);
  canvas.fill(between(0, columns - 1), between(1, Math.max(1, Math.floor(rows / 4))), 4, 2, WHITE);
  // Far towers are plain, near ones are darker and have windows.
  for (const { shade, lit, high } of [
    { shade: GREY, lit: false, high: 0.85 },
    { shade: BLACK, lit: true, high: 0.65 },
  ]) {
    for (let left = between(-4, 2); left < columns; ) {
      const width = between(6, 14);
      const height = between(Math.ceil(rows * 0.2), Math.ceil(rows * high));
      tower(canvas, left, rows - height, width, height, shade, lit);
      left += width + between(0, lit ? 6 : 3);
    }
  }
  return `${canvas.text()}\nTo the makers of small games on small machines. `;
}

function tower(
  canvas: ShadeCanvas,
  left: number,
  top: number,
  width: number,
  height: number,
  shade: number,
  isLit: boolean,
): void {
  canvas.fill(left, top, width, height, shade);
  if (!isLit) return;
  for (let y = top + 1; y < top + height - 1; y += 2) {
    for (let x = left + 1; x + 1 < left + width; x += 3) {
      canvas.fill(x, y, 2, 1, Math.random() < 0.5 ? WHITE : GREY);
    }
  }
}
