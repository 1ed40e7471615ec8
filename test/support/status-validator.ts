import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';

/** Fails, with the reasons, for what is no status document by the published schema. */
export async function statusValidator(): Promise<(document: unknown) => void> {
  const file = new URL('../../docs/reference/status.schema.json', import.meta.url);
  const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(
    JSON.parse(await readFile(file, 'utf8')),
  );
  return (document) => {
    assert.ok(validate(document), `${JSON.stringify(validate.errors)} in ${JSON.stringify(document)}`);
  };
}
