/** Counts the replies in a RESP2 stream without building them: all that a load generator wants to know. */

const LINE_FEED = 10;

export class ReplyCounter {
  /** Text of the first error reply. */
  error: string | null = null;
  /** Elements still to come of arrays that have begun; the reply is over when it is 0. */
  private open = 0;
  /** Bytes of a bulk string, with its end, still to be skipped. */
  private skip = 0;
  /** The line that a chunk ended in. */
  private line = "";

  /** Takes the next bytes; returns how many replies ended in them. */
  push(chunk: Buffer): number {
    let replies = 0;
    let p = 0;
    while (p < chunk.length) {
      if (this.skip > 0) {
        const step = Math.min(this.skip, chunk.length - p);
        this.skip -= step;
        p += step;
        if (this.skip === 0) replies += this.endElement();
        continue;
      }
      const end = chunk.indexOf(LINE_FEED, p);
      if (end < 0) {
        this.line += chunk.latin1Slice(p, chunk.length);
        break;
      }
      const line = this.line + chunk.latin1Slice(p, end + 1);
      this.line = "";
      p = end + 1;
      replies += this.takeLine(line);
    }
    return replies;
  }

  private takeLine(line: string): number {
    const kind = line[0];
    if (kind === "$") {
      const length = Number.parseInt(line.slice(1), 10);
      if (length < 0) return this.endElement();
      this.skip = length + 2;
      return 0;
    }
    if (kind === "*") {
      const count = Number.parseInt(line.slice(1), 10);
      if (count <= 0) return this.endElement();
      // The array itself counts as one element of what is around it, and ends with its last.
      this.open += this.open === 0 ? count : count - 1;
      return 0;
    }
    if (kind === "-" && this.error === null) this.error = line.trim();
    return this.endElement();
  }

  private endElement(): number {
    if (this.open > 0) this.open--;
    return this.open === 0 ? 1 : 0;
  }
}
