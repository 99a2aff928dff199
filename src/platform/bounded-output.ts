/** Output of a program of any length, kept in bounded memory: its beginning and its end, with the middle cut out and said. */
export class BoundedOutput {
  readonly #halfBytes: number;
  readonly #head: Buffer[] = [];
  readonly #tail: Buffer[] = [];
  #headBytes = 0;
  #tailBytes = 0;
  #cutBytes = 0;

  constructor(bytesMax: number) {
    this.#halfBytes = Math.max(1, Math.floor(bytesMax / 2));
  }

  add(bytes: Buffer): void {
    const toHead = bytes.subarray(0, this.#halfBytes - this.#headBytes);
    if (toHead.length > 0) this.#head.push(toHead);
    this.#headBytes += toHead.length;
    const rest = bytes.subarray(toHead.length);
    if (rest.length > 0) this.#tail.push(rest);
    this.#tailBytes += rest.length;
    this.#trimTail();
  }

  /** As UTF-8; a character that the cut went through is dropped. */
  text(): string {
    if (this.#cutBytes === 0) return Buffer.concat([...this.#head, ...this.#tail]).toString("utf8");
    const head = new TextDecoder().decode(Buffer.concat(this.#head), { stream: true });
    const tail = Buffer.concat(this.#tail);
    let start = 0;
    while (start < 3 && ((tail[start] ?? 0) & 0xc0) === 0x80) start += 1;
    return `${head}\n… ${this.#cutBytes} bytes cut …\n${tail.toString("utf8", start)}`;
  }

  #trimTail(): void {
    while (this.#tailBytes > this.#halfBytes) {
      const oldest = this.#tail[0]!;
      const excess = Math.min(oldest.length, this.#tailBytes - this.#halfBytes);
      if (excess === oldest.length) this.#tail.shift();
      else this.#tail[0] = oldest.subarray(excess);
      this.#tailBytes -= excess;
      this.#cutBytes += excess;
    }
  }
}
