import type { LineCounter, Node, Pair, YAMLError, YAMLMap } from 'yaml';
import { RoteyError } from '../errors.ts';

/** Keys and indexes from the root, as in `watches[3].address`. */
export type YamlPath = readonly (string | number)[];

/** A document that could be parsed. */
export interface YamlDocument {
  readonly value: unknown;
  /** `file:line:column` of what stands at the path, or of the nearest thing around it. */
  placeOf(path: YamlPath): string;
  /** The same of a key. */
  placeOfKey(path: YamlPath): string;
}

/**
 * Parses one YAML 1.2 document. Whatever the parser only warns of is an error as well: an unknown tag, for example, would
 * be dropped in silence. Messages never repeat what stands in the document, which may hold a secret.
 *
 * @throws {RoteyError} `ROTEY_CONFIG_INVALID` with file, line and column
 */
export async function parseYaml(text: string, file: string): Promise<YamlDocument> {
  const { parseDocument, LineCounter, isMap, visit } = await import('yaml');
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) throw notYaml(problem, file, lines);
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document) === undefined) throw unresolved(place(alias.range?.[0] ?? 0), file);
    },
  });
  const offsetOf = (path: YamlPath): number => {
    for (let depth = path.length; depth >= 0; depth--) {
      const node = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
      const offset = (node as Node | null | undefined)?.range?.[0]; // with `true` it answers with nodes
      if (offset !== undefined) return offset;
    }
    return 0;
  };
  const offsetOfKey = (path: YamlPath): number => {
    const map = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
    const pairs = isMap(map) ? (map as YAMLMap<Node>).items : [];
    return pairs.find((pair) => keyOf(pair) === path.at(-1))?.key.range?.[0] ?? offsetOf(path);
  };
  return {
    value: toValue(() => document.toJS(), file),
    placeOf: (path) => place(offsetOf(path)),
    placeOfKey: (path) => place(offsetOfKey(path)),
  };
}

/** `watches[3].address` */
export function formatPath(path: YamlPath): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');
}

function keyOf({ key }: Pair<Node>): unknown {
  return 'value' in key ? key.value : undefined;
}

function notYaml({ message, code, pos }: YAMLError, file: string, lines: LineCounter): RoteyError {
  const { line, col } = lines.linePos(pos[0]);
  // What follows a colon or a quote is text of the document.
  const said = message.split(/[:"'\n]/, 1)[0]?.trim() ?? code;
  return new RoteyError('ROTEY_CONFIG_INVALID', `${file}:${line}:${col}: ${said === '' ? code : said}.`, {
    hint: 'Correct the file; it is YAML 1.2 (https://yaml.org).',
    context: { file, line, column: col, yaml: code },
  });
}

function unresolved(place: string, file: string): RoteyError {
  return new RoteyError('ROTEY_CONFIG_INVALID', `${place}: Unresolved alias.`, {
    hint: 'An alias (*name) needs an anchor (&name) before it; a text that begins with * needs quotes.',
    context: { file },
  });
}

/** Aliases of aliases of aliases would grow without a bound; the parser gives up. */
function toValue(read: () => unknown, file: string): unknown {
  try {
    return read();
  } catch (cause) {
    const message = `${file}: its aliases lead to too much.`;
    throw new RoteyError('ROTEY_CONFIG_INVALID', message, { cause, context: { file } });
  }
}
