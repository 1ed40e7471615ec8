/** What fits on every terminal, and stays readable on wide ones. */
export const WIDTH = 96;

/**
 * Breaks a text into lines of at most `width` characters at blanks; what has no blank stays whole. Every line but the first
 * is indented.
 *
 * @param first how many characters stand before the text on its first line.
 */
export function wrap(text: string, { indent, first = indent, width = WIDTH }: WrapOptions): string {
  const lines: string[] = [];
  let line = '';
  let room = width - first;
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = '';
      room = width - indent;
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join(`\n${' '.repeat(indent)}`);
}

export interface WrapOptions {
  readonly indent: number;
  readonly first?: number;
  readonly width?: number;
}
