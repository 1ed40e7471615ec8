import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CheckReport } from '../../check/index.ts';
import { watchChecks } from './check-watch.ts';

function report(result: CheckReport['result'], acceptedAuthorities?: readonly string[]): CheckReport {
  return {
    ...{ schema: 1, checkedAt: '2026-11-24T08:00:00Z', result, steps: [], findings: [], calls: [] },
    target: { address: 'a:1', namespace: 'n', serverName: 'a', trust: 'system', credentials: [] },
    server: acceptedAuthorities === undefined ? {} : { acceptedAuthorities },
  };
}

/** Which of these reports are told. */
async function told(reports: readonly CheckReport[]): Promise<readonly number[]> {
  const stop = new AbortController();
  const rest = [...reports];
  const found: number[] = [];
  const check = async (): Promise<CheckReport> => {
    const next = rest.shift();
    if (next !== undefined) return next;
    stop.abort();
    throw stop.signal.reason;
  };
  const last = await watchChecks(check, async (one) => void found.push(reports.indexOf(one)), {
    intervalMs: 1,
    signal: stop.signal,
  });
  assert.equal(last, reports.at(-1));
  return found;
}

test('a result that comes and goes is told each time', async () => {
  assert.deepEqual(await told([report('good'), report('good'), report('unreachable'), report('good')]), [0, 2, 3]);
});

test('other CAs are told; another order of them is not, nor that nobody could look', async () => {
  const reports = [
    report('good', ['CN=a', 'CN=b']),
    report('good', ['CN=b', 'CN=a']),
    report('good'),
    report('good', ['CN=a', 'CN=b']),
    report('good'),
    report('good', ['CN=a']),
  ];
  assert.deepEqual(await told(reports), [0, 5]);
});
