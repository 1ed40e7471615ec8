import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { InspectReport } from '../report.ts';

const file = new URL('../../../docs/reference/cert-inspect.schema.json', import.meta.url);
const schema: object = JSON.parse(readFileSync(file, 'utf8'));
const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);

/** Fails when what `--json` prints is not what docs/reference/cert-inspect.schema.json says. Returns what is printed. */
export function assertKeepsSchema(report: InspectReport): string {
  const json = JSON.stringify(report);
  assert.ok(validate(JSON.parse(json)), `${JSON.stringify(validate.errors)} in ${json}`);
  return json;
}
