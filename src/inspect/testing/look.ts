/** Inspecting, and what tests ask of a report. */
import assert from 'node:assert/strict';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { type InspectOptions, inspectInputs } from '../inspect.ts';
import type { InspectInput } from '../read-input.ts';
import type { CertificateReport, EntryReport, InspectReport } from '../report.ts';
import { layOut } from './material.ts';
import { assertKeepsSchema } from './schema.ts';

export async function inspect(paths: readonly string[], options: InspectOptions = {}): Promise<InspectReport> {
  const inputs = paths.map((text): InspectInput => (text === '-' ? { t: 'stdin' } : { t: 'argument', text }));
  const report = await inspectInputs(inputs, options);
  assertKeepsSchema(report);
  return report;
}

/** What one file in a directory of its own is found to be. */
export async function inspectFile(
  t: TestContext,
  name: string,
  content: string | Uint8Array,
  options: InspectOptions = {},
): Promise<{ readonly report: InspectReport; readonly entry: EntryReport }> {
  const file = path.join(layOut(t, { [name]: content }), name);
  const report = await inspect([file], options);
  const [entry] = report.inputs[0]?.entries ?? [];
  assert.ok(entry, JSON.stringify(report));
  return { report, entry };
}

export function entriesOf({ inputs }: InspectReport): readonly EntryReport[] {
  return inputs.flatMap(({ entries }) => entries);
}

export function entryAt(report: InspectReport, name: string): EntryReport {
  const entry = entriesOf(report).find(({ where }) => where.endsWith(name));
  assert.ok(entry, `no entry ${name} in ${JSON.stringify(entriesOf(report).map(({ where }) => where))}`);
  return entry;
}

export function positions({ certificates }: EntryReport): readonly string[] {
  return certificates.map(({ subject, position }) => `${subject.replace('O=Example, ', '')} ${position}`);
}

export function codes({ findings }: EntryReport): readonly string[] {
  return findings.map(({ code, severity }) => `${code.replace(/^ROTEY_(?:FINDING_)?/, '')} ${severity}`);
}

export function first({ certificates }: EntryReport): CertificateReport {
  const [certificate] = certificates;
  assert.ok(certificate);
  return certificate;
}
