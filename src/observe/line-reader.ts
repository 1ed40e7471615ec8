/** Cuts what comes in into lines, with a limit on the bytes that it keeps. */
export class LineReader {
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #bytes = 0;
  #isOver = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that are complete now, without their ends. After one that is too long nothing is read any more. */
  push(chunk: Buffer): { readonly lines: readonly string[]; readonly tooLong: boolean } {
    const lines: string[] = [];
    let rest = chunk;
    while (!this.#isOver) {
      const end = rest.indexOf('\n');
      const piece = end < 0 ? rest : rest.subarray(0, end);
      if (this.#bytes + piece.length >= this.#maxBytes) {
        this.#isOver = true;
        this.#parts = [];
        return { lines, tooLong: true };
      }
      this.#parts.push(piece);
      this.#bytes += piece.length;
      if (end < 0) break;
      lines.push(Buffer.concat(this.#parts).toString('utf8'));
      this.#parts = [];
      this.#bytes = 0;
      rest = rest.subarray(end + 1);
    }
    return { lines, tooLong: false };
  }
}
