import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CERTIFICATE, rotationDocument, sourceDocument } from '../../test/support/status-document.ts';
import { findProblems, isHealthy, isReady } from './judge-status.ts';
import { PROBLEMS } from './problems.ts';
import type { RotationDocument } from './status-document.ts';

type Held = NonNullable<RotationDocument['candidate']>['held'];
type Expiry = NonNullable<RotationDocument['inUse']>['expiry'];

const holding = (held: Held): RotationDocument =>
  rotationDocument({
    candidate: { certificate: CERTIFICATE, seenAt: CERTIFICATE.notBefore, failures: 1, held, lastError: null },
  });
const ending = (expiry: Expiry): RotationDocument =>
  rotationDocument({ inUse: { generation: 1, certificate: CERTIFICATE, since: CERTIFICATE.notBefore, expiry } });

const proving = (aborted: boolean, stateAgeSeconds: number): RotationDocument =>
  rotationDocument({
    ...{ state: 'proving', stateAgeSeconds },
    attempt: { certificate: CERTIFICATE, cause: 'new-pair', since: CERTIFICATE.notBefore, aborted },
  });

const CASES: readonly (readonly [RotationDocument, readonly (keyof typeof PROBLEMS)[]])[] = [
  [rotationDocument(), []],
  [rotationDocument({ heartbeatAgeSeconds: 60 }), []],
  [rotationDocument({ heartbeatAgeSeconds: 60.1 }), ['stuck']],
  [rotationDocument({ heartbeatAgeSeconds: null, state: 'closed', inUse: null }), []],
  [proving(false, 301), []],
  [proving(true, 300), []],
  [proving(true, 301), ['stuck']],
  [rotationDocument({ inUse: null, state: 'starting' }), ['no-identity']],
  [rotationDocument({ inUse: null, state: 'closing' }), []],
  [rotationDocument({ frozen: true }), []],
  [ending('ok'), []],
  [ending('warning'), ['expiring']],
  [ending('critical'), ['critical']],
  [ending('expired'), ['expired']],
  [holding(null), []],
  [holding('rehearsed'), []],
  [holding('refused'), ['refused']],
  [holding('unobtainable'), ['unobtainable']],
  [holding('frozen'), ['held']],
  [holding('expired'), ['held']],
  [holding('not-yet-valid'), ['held']],
];

test('each trouble has its own name and severity, and what is no trouble has none', () => {
  for (const [rotation, expected] of CASES) {
    const problems = findProblems([sourceDocument()], [rotation]);
    assert.deepEqual(
      problems.map(({ what, severity }) => [what, severity]),
      expected.map((what) => [what, PROBLEMS[what].severity]),
      JSON.stringify(rotation),
    );
  }
});

test('errors come first, each with what it is about and what to do', () => {
  const problem = {
    code: 'ROTEY_FILE_MISSING',
    message: 'It is gone.',
    hint: 'Bring it back.',
    since: CERTIFICATE.notBefore,
  } as const;
  const problems = findProblems([sourceDocument({ problem })], [ending('warning')]);
  assert.deepEqual(
    problems.map(({ what, name, address, hint }) => [what, name, address, hint]),
    [
      ['source', 'orders', null, 'Bring it back.'],
      [
        'expiring',
        'orders',
        'localhost:7233',
        'Renew the certificate, and find out why that has not happened by itself.',
      ],
    ],
  );
});

test('health is about loops, readiness about identities', () => {
  const [good, stuck] = [rotationDocument(), rotationDocument({ heartbeatAgeSeconds: 61 })];
  const without = rotationDocument({ inUse: null });
  assert.deepEqual(
    [isHealthy([]), isHealthy([good]), isHealthy([good, stuck]), isHealthy([without])],
    [true, true, false, true],
  );
  assert.deepEqual(
    [isReady([]), isReady([good]), isReady([good, stuck]), isReady([good, without])],
    [false, true, true, false],
  );
  assert.equal(isHealthy([proving(true, 10_000)]), true, 'no server has a process killed');
  assert.equal(isReady([ending('expired')]), true, 'whether it is accepted is for the server to decide');
});
