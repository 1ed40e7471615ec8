/** docs/reference/status.md, from scripts/status-schema.ts. */
import { PROBLEMS } from '../src/observe/index.ts';
import { row } from './markdown-row.ts';
import { statusJsonSchema } from './status-schema.ts';

/** As much of JSON Schema as the schema of the status document uses. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

const schema = statusJsonSchema() as Schema;

export function renderStatusPage(): string {
  return [
    '<!-- Made by scripts/status-page.ts; do not edit. -->',
    '# The status document',
    '',
    'What `/status`, the control socket and `rotey status --json` answer with, and `rotation.statusDocument()` in a Worker.',
    'Nothing in it is secret. Times are ISO 8601 in UTC. Every key is always there; what is not known is `null`.',
    '[status.schema.json](status.schema.json) is its JSON Schema; it refuses keys that it does not know. A key never changes',
    'its meaning without `schema` going up; new keys may come with a minor version.',
    '',
    row('Key', 'Type', 'Meaning'),
    row('---', '---', '---'),
    ...keysOf(schema, ''),
    '',
    ...Object.entries(schema.$defs ?? {}).flatMap(([name, definition]) => [
      `## \`${name}\``,
      '',
      `${definition.description}.`,
      '',
      row('Key', 'Type', 'Meaning'),
      row('---', '---', '---'),
      ...keysOf(definition, ''),
      '',
    ]),
    '## What `problems` tells',
    '',
    row('`what`', '`severity`', 'Meaning'),
    row('---', '---', '---'),
    ...Object.entries(PROBLEMS).map(([what, { severity, meaning }]) => row(`\`${what}\``, severity, meaning)),
    '',
  ].join('\n');
}

/** A line for each key, those of objects inside after the object. */
function keysOf({ properties = {} }: Schema, prefix: string): readonly string[] {
  return Object.entries(properties).flatMap(([key, value]) => {
    const name = `${prefix}${key}`;
    const inner = innerOf(value);
    const suffix = value.type === 'array' ? '[]' : '';
    return [row(`\`${name}\``, typeOf(value), value.description ?? ''), ...keysOf(inner, `${name}${suffix}.`)];
  });
}

/** The object that a key holds, or holds many of; one with a name of its own is described there. */
function innerOf({ properties, items, anyOf }: Schema): Schema {
  if (properties !== undefined) return { properties };
  return items ?? anyOf?.find((option) => option.properties !== undefined) ?? {};
}

function typeOf(value: Schema): string {
  if (value.anyOf !== undefined) return value.anyOf.map(typeOf).join(', ');
  if (value.$ref !== undefined) {
    const name = value.$ref.replace('#/$defs/', '');
    return `[${name}](#${name})`;
  }
  if (value.const !== undefined) return `\`${value.const}\``;
  if (value.enum !== undefined) return value.enum.map((option) => `\`${option}\``).join(', ');
  if (value.type === 'array') return `list of ${value.items?.$ref === undefined ? 'objects' : typeOf(value.items)}`;
  if (value.pattern?.startsWith('^\\d{4}')) return 'time';
  return [value.type ?? []].flat().join(', ');
}
