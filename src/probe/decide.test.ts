import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RoteyError } from '../errors.ts';
import { decide, type Evidence } from './decide.ts';
import { type GrpcStatus, statusCode } from './grpc-status.ts';
import type { ProbeOutcome, ProbeReport } from './report.ts';

/** A report with GetSystemInfo and DescribeNamespace answered like this; a shorter list stopped earlier. */
function report(outcome: ProbeOutcome, ...statuses: readonly GrpcStatus[]): ProbeReport {
  return {
    outcome,
    steps: [],
    calls: statuses.map((status, index) => ({
      ...(index === 0 ? { method: 'GetSystemInfo' } : { method: 'DescribeNamespace', namespace: `n${index}` }),
      code: statusCode(status),
      origin: 'grpc',
      status,
      message: '',
      ms: 1,
    })),
    ...(outcome === 'accepted' ? {} : { failure: new RoteyError('ROTEY_TLS_FAILED', outcome) }),
  };
}

/** What is decided, in one line: `accepted +1` has one warning. */
function decision(evidence: Partial<Evidence> & Pick<Evidence, 'candidate'>): string {
  const advice = decide({ attempts: 1, hasCurrent: true, ...evidence });
  if (advice.next !== 'conclude') return advice.next;
  assert.equal(advice.error === undefined, advice.verdict === 'accepted', 'an error unless accepted');
  return advice.warnings.length === 0 ? advice.verdict : `${advice.verdict} +${advice.warnings.length}`;
}

const DENIED = report('denied', 'OK', 'PERMISSION_DENIED');
const CONTROLS = {
  answers: report('accepted', 'OK', 'OK'),
  'answers NOT_FOUND': report('accepted', 'OK', 'NOT_FOUND'),
  'is denied the same': report('denied', 'OK', 'PERMISSION_DENIED'),
  'is denied otherwise': report('denied', 'OK', 'UNAUTHENTICATED'),
  'is denied another call': report('denied', 'PERMISSION_DENIED', 'OK'),
  'is unavailable in the call': report('unobtainable', 'OK', 'UNAVAILABLE'),
  'is unobtainable': report('unobtainable'),
  'is ambiguous': report('ambiguous'),
  'is refused': report('refused'),
} as const;
const BASELINES = {
  none: undefined,
  answered: report('accepted', 'OK', 'OK'),
  denied: report('denied', 'OK', 'PERMISSION_DENIED'),
  'without that call': report('accepted', 'OK'),
} as const;

describe('decide: what needs no comparison', () => {
  for (const [outcome, expected] of [
    ['accepted', 'accepted'],
    ['refused', 'refused'],
    ['unobtainable', 'unobtainable'],
  ] as const) {
    it(`${outcome} stays ${expected}, whatever else is known`, () => {
      for (const control of [undefined, ...Object.values(CONTROLS)])
        for (const baseline of Object.values(BASELINES))
          for (const hasCurrent of [true, false])
            assert.equal(decision({ candidate: report(outcome), control, baseline, hasCurrent }), expected);
    });
  }
});

describe('decide: an ambiguous candidate', () => {
  const candidate = report('ambiguous');

  it('is unobtainable when nothing is in use', () => {
    assert.equal(decision({ candidate, hasCurrent: false }), 'unobtainable');
  });

  it('asks for the identity in use first', () => assert.equal(decision({ candidate }), 'probe-current'));

  const passes: ReadonlySet<ProbeOutcome> = new Set(['accepted', 'denied']);
  for (const [name, control] of Object.entries(CONTROLS)) {
    const passed = passes.has(control.outcome);
    it(`when the one in use ${name}: ${passed ? 'is looked at again, then refused' : 'is unobtainable'}`, () => {
      assert.equal(decision({ candidate, control }), passed ? 'probe-again' : 'unobtainable');
      assert.equal(decision({ candidate, control, attempts: 2 }), passed ? 'refused' : 'unobtainable');
    });
  }

  it('is judged by its second report, if that one is clear', () => {
    const control = CONTROLS.answers;
    assert.equal(decision({ candidate: report('accepted', 'OK', 'OK'), control, attempts: 2 }), 'accepted');
    assert.equal(decision({ candidate: DENIED, control, attempts: 2 }), 'refused');
  });

  it('says why it is refused', () => {
    const advice = decide({ candidate, control: CONTROLS.answers, attempts: 2, hasCurrent: true });
    assert.equal(advice.next === 'conclude' && advice.error?.code, 'ROTEY_CERTIFICATE_REFUSED');
  });
});

describe('decide: a denied candidate', () => {
  it('is accepted with a warning when nothing is in use', () => {
    assert.equal(decision({ candidate: DENIED, hasCurrent: false }), 'accepted +1');
  });

  it('asks for the identity in use first', () => assert.equal(decision({ candidate: DENIED }), 'probe-current'));

  /** Columns: the baseline is missing, was answered, was denied, did not make the call. */
  const TABLE: Readonly<Record<keyof typeof CONTROLS, readonly [string, string, string, string]>> = {
    answers: ['refused', 'refused', 'refused', 'refused'],
    'answers NOT_FOUND': ['refused', 'refused', 'refused', 'refused'],
    'is denied the same': ['accepted +1', 'accepted +1', 'accepted +1', 'accepted +1'],
    'is denied otherwise': ['accepted +1', 'accepted +1', 'accepted +1', 'accepted +1'],
    'is denied another call': ['refused', 'refused', 'refused', 'refused'],
    'is unavailable in the call': ['unobtainable', 'unobtainable', 'accepted +1', 'unobtainable'],
    'is unobtainable': ['unobtainable', 'unobtainable', 'accepted +1', 'unobtainable'],
    'is ambiguous': ['unobtainable', 'unobtainable', 'accepted +1', 'unobtainable'],
    'is refused': ['refused', 'refused', 'accepted +1', 'refused'],
  };
  for (const [name, row] of Object.entries(TABLE)) {
    it(`when the one in use ${name}`, () => {
      const control = CONTROLS[name as keyof typeof CONTROLS]; // the keys of TABLE are those of CONTROLS
      const found = Object.values(BASELINES).map((baseline) => decision({ candidate: DENIED, control, baseline }));
      assert.deepEqual(found, row);
    });
  }

  it('is refused for one worse call among several', () => {
    const candidate = report('denied', 'OK', 'PERMISSION_DENIED', 'PERMISSION_DENIED');
    const control = report('denied', 'OK', 'PERMISSION_DENIED', 'OK');
    assert.equal(decision({ candidate, control }), 'refused');
    assert.equal(decision({ candidate, control: candidate }), 'accepted +2');
  });

  it('is unobtainable when another of its calls was', () => {
    const candidate = report('denied', 'OK', 'PERMISSION_DENIED', 'UNAVAILABLE');
    assert.equal(decision({ candidate, control: candidate }), 'unobtainable');
    assert.equal(decision({ candidate, hasCurrent: false }), 'unobtainable');
  });

  it('says which call, and that the other certificate may make it', () => {
    const advice = decide({ candidate: DENIED, control: CONTROLS.answers, attempts: 1, hasCurrent: true });
    const error = advice.next === 'conclude' ? advice.error : undefined;
    assert.equal(error?.code, 'ROTEY_RPC_DENIED');
    assert.match(error?.message ?? '', /DescribeNamespace of n1 with PERMISSION_DENIED/);
  });
});
