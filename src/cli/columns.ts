/** Text in columns of 80, the same on every terminal, so that what is written down is what everybody sees. */
export const COLUMNS = 80;

const LABEL_WIDTH = 13;

/** What stands before a value that goes on in another line. */
export const fieldIndent: string = ' '.repeat(2 + LABEL_WIDTH);

/** A label and its value, in as many lines as it takes. A label that is too long stands in a line of its own. */
export function field(label: string, value: string): string[] {
  if (label.length < LABEL_WIDTH) return wrap(value, `  ${label.padEnd(LABEL_WIDTH)}`, fieldIndent);
  return [`  ${label}`, ...wrap(value, fieldIndent)];
}

/** Breaks a text between words only: a fingerprint that is cut cannot be copied. */
export function wrap(text: string, first: string, next: string = first): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const indent = lines.length === 0 ? first : next;
    if (line !== '' && indent.length + line.length + 1 + word.length > COLUMNS) {
      lines.push(indent + line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push((lines.length === 0 ? first : next) + line);
  return lines;
}
