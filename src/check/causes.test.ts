import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { CAUSE_CODES, CAUSES, type CauseCode } from './causes.ts';
import type { CheckReport, FoundCause } from './check-report.ts';
import { CHECK_REPORT_SCHEMA } from './report-schema.ts';
import { CALL_SCENARIOS } from './testing/call-scenarios.ts';
import { FILE_SCENARIOS } from './testing/file-scenarios.ts';
import { NETWORK_SCENARIOS } from './testing/network-scenarios.ts';
import { REFUSAL_SCENARIOS } from './testing/refusal-scenarios.ts';
import { type Stage, setStage } from './testing/scenario.ts';
import { TLS_SCENARIOS } from './testing/tls-scenarios.ts';

const SCENARIOS = [...FILE_SCENARIOS, ...NETWORK_SCENARIOS, ...TLS_SCENARIOS, ...REFUSAL_SCENARIOS, ...CALL_SCENARIOS];

let stage: Stage;
const isValid = new Ajv2020({ strict: true }).compile(closed(CHECK_REPORT_SCHEMA) as object);
const produced = new Map<CauseCode, FoundCause>();

before(async () => {
  stage = await setStage();
});

describe('every cause comes about for real, and is told', () => {
  for (const { code, as, run } of SCENARIOS) {
    it(as === undefined ? code : `${code}, ${as}`, async (t) => {
      const report = await run(t, stage);
      const { cause } = report;
      assert.equal(cause?.code, code, cause === undefined ? report.result : `${cause.code}: ${cause.message}`);
      assert.equal(report.result, CAUSES[code].result);
      assert.ok(cause.message.length > 10 && cause.message.endsWith('.'), cause.message);
      assertSteps(report, cause);
      assert.doesNotMatch(JSON.stringify(report), /geheim|falsch|PRIVATE KEY/);
      assert.ok(isValid(JSON.parse(JSON.stringify(report))), JSON.stringify(isValid.errors));
      produced.set(code, cause);
    });
  }

  it('all of them', () => {
    assert.deepEqual(
      CAUSE_CODES.filter((code) => !produced.has(code)),
      [],
      'a cause that no scenario brings about',
    );
  });

  it('and no two in the same words', () => {
    for (const part of ['title', 'remedy', 'perhaps'] as const) {
      const seen = new Map<string, CauseCode>();
      for (const [code, cause] of produced) {
        const text = String(cause[part]);
        assert.ok(text === '' || !seen.has(text), `${code} and ${seen.get(text)} have the same ${part}: ${text}`);
        seen.set(text, code);
      }
    }
  });

  it('and none is told as certain and as one of several', () => {
    for (const { code, perhaps } of produced.values()) assert.notEqual(perhaps.length, 1, code);
  });
});

/** The last step that was taken is the one that failed, unless everything went well but for the certificate's part. */
function assertSteps({ steps, cause }: CheckReport, { step }: FoundCause): void {
  if (cause?.code === 'ROTEY_CHECK_CERTIFICATE_NEVER_ASKED') return;
  const failed = steps.find(({ result }) => result === 'failed');
  assert.equal(failed?.name, step);
  assert.ok(failed.detail !== '', 'says something');
}

/** The published schema lets later versions add fields; what this one prints has to be in it. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([name, value]) => [
    name,
    name === 'additionalProperties' ? false : closed(value),
  ]);
  return Object.fromEntries(entries);
}
