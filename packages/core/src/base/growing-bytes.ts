/** A byte string that grows while it is written. */
export class GrowingBytes {
  bytes: Buffer = Buffer.allocUnsafe(1024);
  length = 0;

  clear(): void {
    this.length = 0;
    if (this.bytes.length > 1 << 20) this.bytes = Buffer.allocUnsafe(1024);
  }

  /** Makes room for `size` bytes behind the present ones. `bytes` may be another buffer afterwards. */
  ensure(size: number): void {
    if (this.length + size <= this.bytes.length) return;
    const next = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length + size));
    this.bytes.copy(next, 0, 0, this.length);
    this.bytes = next;
  }

  /** Takes `size` bytes in, which the caller writes from the returned position on. */
  room(size: number): number {
    this.ensure(size);
    this.length += size;
    return this.length - size;
  }

  byte(value: number): void {
    if (this.length === this.bytes.length) this.ensure(1);
    this.bytes[this.length++] = value;
  }

  add(source: Uint8Array, start: number, end: number): void {
    this.ensure(end - start);
    if (end - start < 48) for (let i = start, p = this.length; i < end; i++) this.bytes[p++] = source[i] as number;
    else this.bytes.set(source.subarray(start, end), this.length);
    this.length += end - start;
  }

  /** One byte per char. */
  text(text: string): void {
    this.ensure(text.length);
    this.bytes.latin1Write(text, this.length);
    this.length += text.length;
  }

  /** The low `size` bytes of a non-negative integer, big endian. */
  big(value: number, size: number): void {
    this.ensure(size);
    for (let i = size - 1, rest = value; i >= 0; i--, rest = Math.floor(rest / 256))
      this.bytes[this.length + i] = rest & 255;
    this.length += size;
  }

  float(value: number): void {
    this.ensure(4);
    this.bytes.writeFloatBE(value, this.length);
    this.length += 4;
  }

  double(value: number): void {
    this.ensure(8);
    this.bytes.writeDoubleBE(value, this.length);
    this.length += 8;
  }

  int64(value: bigint): void {
    this.ensure(8);
    this.bytes.writeBigUInt64BE(BigInt.asUintN(64, value), this.length);
    this.length += 8;
  }
}
