/** A place in a text, counted from 1. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/**
 * Where a key of a TOML document stands, or the nearest table above it that has a place of its own. The parser tells
 * places only of what is no TOML at all, and a message that says line and column saves a search.
 *
 * Knows table headers and keys that begin a line; a key inside of an inline table gets the place of that table.
 */
export function placeOf(text: string, path: readonly string[]): TextPlace {
  const wanted = path.join('\0');
  let best: { readonly depth: number; readonly place: TextPlace } = { depth: 0, place: { line: 1, column: 1 } };
  let table: readonly string[] = [];
  let fence: string | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const opened = fence;
    fence = fenceAfter(line, fence);
    if (opened !== undefined) continue;
    const header = /^\s*\[\[?\s*([^\]]+?)\s*\]\]?/.exec(line);
    const assignment = header === null ? /^(\s*)([^#=]+?)\s*=/.exec(line) : null;
    if (header?.[1] !== undefined) table = splitKey(header[1]);
    else if (assignment?.[2] === undefined) continue;
    const found = assignment?.[2] === undefined ? table : [...table, ...splitKey(assignment[2])];
    const covers = found.every((part, at) => part === path[at]) && found.length <= path.length;
    if (!covers || found.length <= best.depth) continue;
    best = { depth: found.length, place: { line: index + 1, column: line.search(/\S/) + 1 } };
    if (found.join('\0') === wanted) break;
  }
  return best.place;
}

/** The parts of a dotted key, each bare or in quotes. */
function splitKey(text: string): readonly string[] {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|([\w-]+)/g)].map(
    ([, basic, literal, bare]) => basic ?? literal ?? bare ?? '',
  );
}

/** The delimiter of a multi-line text that is open at the end of this line. */
function fenceAfter(line: string, open: string | undefined): string | undefined {
  let fence = open;
  for (const [delimiter] of line.matchAll(/"""|'''/g)) {
    if (fence === undefined) fence = delimiter;
    else if (fence === delimiter) fence = undefined;
  }
  return fence;
}
