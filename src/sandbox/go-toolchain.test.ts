import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { isOlder, parseGoVersion, requireGo, runGo } from './go-toolchain.ts';
import { environmentWithGo, goScript } from './testing/fake-go.ts';

test('versions are read and compared', () => {
  assert.equal(parseGoVersion('go version go1.26.8 linux/amd64'), '1.26.8');
  assert.equal(parseGoVersion('go version go1.27rc1 darwin/arm64'), '1.27');
  assert.equal(parseGoVersion('go version devel go1.28-abc linux/amd64'), '1.28');
  assert.equal(parseGoVersion('no version here'), undefined);
  assert.ok(isOlder('1.26.7', '1.26.8'));
  assert.ok(isOlder('1.9', '1.26.8'));
  assert.ok(!isOlder('1.26.8', '1.26.8'));
  assert.ok(!isOlder('1.27', '1.26.8'));
  assert.ok(!isOlder('2.0', '1.26.8'));
});

test('no go, a broken one and a silent one are missing; an old one is too old', async (t) => {
  const missing = { code: 'ROTEY_TOOLCHAIN_MISSING', hint: /go\.dev/ };
  await assert.rejects(check(t, undefined), missing);
  await assert.rejects(check(t, 'exit 3'), missing);
  await assert.rejects(check(t, 'echo hello'), missing);
  await assert.rejects(check(t, goScript('1.25.1', '')), {
    code: 'ROTEY_TOOLCHAIN_TOO_OLD',
    message: 'Go 1.25.1 is too old: 1.26.8 or newer is needed.',
  });
  await check(t, goScript('1.26.8', ''));
});

test('a failed build says how, with the last lines', async (t) => {
  const env = await environmentWithGo(
    t,
    'i=0; while [ $i -lt 30 ]; do echo line $i; i=$((i+1)); done; echo bad >&2; exit 2',
  );
  const error: unknown = await runGo(['build'], { env }).catch((reason: unknown) => reason);
  assert.match(String(error), /`go build` failed \(2\)/);
  assert.match(JSON.stringify(error), /bad/);
  assert.doesNotMatch(JSON.stringify(error), /line 3\b/);
});

test('downloads of other toolchains are switched off', async (t) => {
  const lines: string[] = [];
  const env = await environmentWithGo(t, 'echo $GOTOOLCHAIN $GOWORK');
  await runGo(['env'], { env, onLine: (line) => lines.push(line) });
  assert.deepEqual(lines, ['local off']);
});

test('an abort ends go and what it has started', async (t) => {
  const abort = new AbortController();
  const env = await environmentWithGo(t, 'sh -c "echo started; exec sleep 60" & wait');
  const reason = new Error('enough');
  await assert.rejects(runGo(['build'], { env, signal: abort.signal, onLine: () => abort.abort(reason) }), reason);
  // It resolves on the end of stdout, which the grandchild had open as well: so that has ended too.
});

async function check(t: TestContext, script: string | undefined): Promise<void> {
  await requireGo('1.26.8', { env: await environmentWithGo(t, script) });
}
