/**
 * Reads the TAP stream of a whole run line by line: prints one line per test file and, for a file that failed, its
 * failing points with their diagnostics. Counts leaf points (assertions), not the subtests that enclose them.
 */
export class TapLines {
  passed = 0;
  failed = 0;
  skipped = 0;
  readonly #print: (line: string) => void;
  /** Indents of the subtests that are open, outermost first. */
  #open: number[] = [];
  /** Failed leaf points seen inside each open subtest. */
  #failedInside: number[] = [];
  #filePassed = 0;
  #fileFailed = 0;
  /** Lines about the failures of the present file. */
  #failures: string[] = [];
  /** Indent of the failing point whose diagnostics are being read, or -1. */
  #diagnosticsOf = -1;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  line(text: string): void {
    const indent = text.length - text.trimStart().length;
    if (this.#diagnosticsOf >= 0) {
      this.#failures.push(text);
      if (indent <= this.#diagnosticsOf + 2 && text.trimStart() === "...") this.#diagnosticsOf = -1;
      if (indent > this.#diagnosticsOf || text.trim() === "") return;
    }
    const body = text.slice(indent);
    if (body.startsWith("# Subtest: ")) {
      this.#open.push(indent);
      this.#failedInside.push(0);
      return;
    }
    const point = /^(not )?ok \d+(?: - (.*?))?(?: # (SKIP|TODO|time=\S+).*)?$/.exec(body);
    if (point !== null) this.#point(text, indent, point[1] === undefined, point[2] ?? "", point[3] ?? "");
    else if (body.startsWith("Bail out!")) this.#print(body);
  }

  #point(text: string, indent: number, ok: boolean, name: string, directive: string): void {
    const closes = this.#open.at(-1) === indent;
    const failedInside = closes ? this.#closeSubtest() : 0;
    const skipped = directive === "SKIP" || directive === "TODO";
    if (skipped) this.skipped++;
    else if (ok && !closes) this.#count(true);
    else if (!ok && failedInside === 0) {
      this.#count(false);
      this.#failures.push(text);
      this.#diagnosticsOf = indent;
    }
    if (indent === 0) this.#endFile(ok, name, directive);
  }

  #closeSubtest(): number {
    this.#open.pop();
    return this.#failedInside.pop() ?? 0;
  }

  #count(ok: boolean): void {
    if (ok) {
      this.passed++;
      this.#filePassed++;
      return;
    }
    this.failed++;
    this.#fileFailed++;
    for (let i = 0; i < this.#failedInside.length; i++) this.#failedInside[i] = (this.#failedInside[i] ?? 0) + 1;
  }

  /** `directive` is the time tap measured ("time=12.3ms") or a reason to skip. */
  #endFile(ok: boolean, name: string, directive: string): void {
    const time = directive.startsWith("time=") ? ` (${directive.slice(5)})` : "";
    this.#print(`${ok ? "ok    " : "FAILED"} ${name}: ${this.#filePassed} passed, ${this.#fileFailed} failed${time}`);
    for (const line of this.#failures) this.#print(line);
    this.#failures = [];
    this.#filePassed = 0;
    this.#fileFailed = 0;
    this.#open = [];
    this.#failedInside = [];
  }
}
