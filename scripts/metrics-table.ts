/** docs/reference/metrics.md, from the table in src/observe/metric-table.ts. */
import { METRICS, type MetricDefinition } from '../src/observe/index.ts';
import { row } from './markdown-row.ts';

export function renderMetricsTable(): string {
  return [
    '<!-- Made by scripts/metrics-table.ts; do not edit. -->',
    '# Metrics',
    '',
    'Names, labels and units are part of the interface. Everything that rotey exports has the label `consumer` (`worker`,',
    '`client`, `watch`, `proxy` or `agent`). `name` is what the user calls a pair of files, `address` the `host:port` of the',
    'server that it is for. An empty label is left out. [How to use them](../guides/observability.md).',
    '',
    '`role` says where a certificate is: `on_disk` is the last good pair that was read (it has no `address`: files belong to',
    'no server), `candidate` waits to be used, `in_use` serves.',
    '',
    "To an OpenTelemetry meter the same is reported, except for what has serial numbers among its labels (the SDK's memory",
    `of labels grows for ever): ${withChangingLabels().join(', ')}.`,
    '',
    row('Name', 'Type', 'Unit', 'Labels', 'Meaning', 'Changes'),
    row('---', '---', '---', '---', '---', '---'),
    ...Object.entries<MetricDefinition>(METRICS).map(([name, { type, labels, help, changes }]) =>
      row(`\`${name}\``, type, unitOf(name), labels.map((label) => `\`${label}\``).join(' '), help, changes),
    ),
    '',
  ].join('\n');
}

function withChangingLabels(): readonly string[] {
  const entries = Object.entries<MetricDefinition>(METRICS);
  return entries.filter(([, { labelsChange }]) => labelsChange === true).map(([name]) => `\`${name}\``);
}

function unitOf(name: string): string {
  return name.endsWith('_seconds') ? 's' : '';
}
