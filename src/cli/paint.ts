import { styleText } from 'node:util';

/** Colours a piece of text, or leaves it alone. */
export type Paint = (colour: 'red' | 'green' | 'yellow' | 'bold' | 'dim', text: string) => string;

/** Colours on a terminal only, and not where NO_COLOR (https://no-color.org) says otherwise. */
export function paintFor(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): Paint {
  const coloured = stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return coloured ? (colour, text) => styleText(colour, text, { validateStream: false }) : (_colour, text) => text;
}
