import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import { type Clock, systemClock } from '../clock.ts';
import { type Answer, respond, startFrontend, startRawServer, trailersOnly } from '../probe/testing/servers.ts';
import { runCheck } from './check.ts';
import type { CheckStep } from './check-report.ts';
import { SECOND_LOOK_MS } from './read-identity.ts';
import { makeSupportReport } from './support-report.ts';
import { check, inline, type Stage, setStage, trusting, writeFiles } from './testing/scenario.ts';

let stage: Stage;

before(async () => {
  stage = await setStage();
});

describe('a check that goes well', () => {
  it('tells every step as it comes, and what it has found', async (t) => {
    const { pki, leaf } = stage;
    const frontend = await startFrontend(t, pki);
    const { crt, key, ca } = await writeFiles(t, {
      crt: leaf.chainPem,
      key: leaf.revealPrivateKey(),
      ca: pki.trustPem,
    });
    const files = { certificate: { path: crt }, key: { path: key }, trust: { path: ca } };
    const seen: CheckStep[] = [];
    const report = await check(
      { address: `localhost:${frontend.port}`, ...files },
      { onStep: (step) => seen.push(step), userAgent: 'rotey/1.2.3' },
    );
    assert.equal(report.result, 'good', report.cause?.message);
    assert.equal(report.cause, undefined);
    assert.deepEqual(seen, report.steps);
    assert.deepEqual(
      report.steps.map(({ name, result }) => `${name} ${result}`),
      ['files', 'pair', 'findings', 'address', 'dns', 'tcp', 'tls', 'http2', 'system-info', 'namespace'].map(
        (name) => `${name} ok`,
      ),
    );
    assert.equal(report.identity?.serial, leaf.serial);
    assert.deepEqual(report.target.credentials, ['certificate']);
    const { certificate, ...server } = report.server;
    assert.deepEqual(server, {
      version: '1.32.1',
      protocol: 'TLSv1.3',
      cipher: 'TLS_AES_256_GCM_SHA384',
      alpn: 'h2',
      trustedBy: 'CN=rotey test CA',
      chain: ['CN=frontend', 'CN=rotey test CA'],
      asksForCertificate: true,
      acceptedAuthorities: ['CN=rotey test CA'],
    });
    assert.equal(certificate?.subject, 'CN=frontend');
    assert.equal(frontend.calls[0]?.headers['user-agent'], 'rotey/1.2.3');
    assert.equal(frontend.calls.length, 2, 'nothing is asked twice');
  });

  it('needs no certificate where an API key is enough', async (t) => {
    const { pki } = stage;
    const frontend = await startFrontend(t, pki, { requestCert: false });
    const report = await check({ address: frontend.address, ...trusting(pki.trustPem), apiKey: 'geheim' });
    assert.equal(report.result, 'good', report.cause?.message);
    assert.deepEqual(report.target.credentials, ['api-key']);
    assert.equal(report.identity, undefined);
  });

  it('may be against an old server that has no GetSystemInfo', async (t) => {
    const { pki, leaf } = stage;
    const old: Answer = (stream, { path }) => {
      if (path.endsWith('/GetSystemInfo')) trailersOnly(stream, 12);
      else respond(stream, {});
    };
    const frontend = await startFrontend(t, pki, { answer: old });
    const report = await check({ address: frontend.address, ...inline(leaf), ...trusting(pki.trustPem) });
    assert.equal(report.result, 'good', report.cause?.message);
    assert.equal(report.steps.find(({ name }) => name === 'system-info')?.result, 'warning');
  });

  it('tells what a server asks for that speaks TLS 1.3 only', async (t) => {
    const { pki, leaf } = stage;
    const frontend = await startFrontend(t, pki, { minVersion: 'TLSv1.3' });
    const report = await check({ address: frontend.address, ...inline(leaf), ...trusting(pki.trustPem) });
    assert.equal(report.result, 'good', report.cause?.message);
    assert.equal(report.server.asksForCertificate, true);
    assert.deepEqual(report.server.acceptedAuthorities, ['CN=rotey test CA']);
    assert.deepEqual(report.server.chain, ['CN=frontend', 'CN=rotey test CA']);
  });
});

describe('files that are being replaced', () => {
  it('get a second look before a mismatch is told', async (t) => {
    const { pki, leaf, strangersLeaf } = stage;
    const frontend = await startFrontend(t, pki);
    const { crt, key } = await writeFiles(t, { crt: leaf.chainPem, key: strangersLeaf.revealPrivateKey() });
    // The writer is done while the check waits.
    const clock: Clock = {
      ...systemClock,
      sleep: async (ms, options) =>
        ms === SECOND_LOOK_MS ? await writeFile(key, leaf.revealPrivateKey()) : await systemClock.sleep(ms, options),
    };
    const files = { certificate: { path: crt }, key: { path: key } };
    const { result, cause } = await check(
      { address: frontend.address, ...files, ...trusting(pki.trustPem) },
      { clock },
    );
    assert.equal(result, 'good', cause?.message);
  });
});

describe('a check that is stopped', () => {
  it('rejects with the reason, and leaves no connection', async (t) => {
    const stop = new AbortController();
    const reason = new Error('enough');
    const server = await startRawServer(t, () => stop.abort(reason));
    await assert.rejects(check({ address: server.address, ...inline(stage.leaf) }, { signal: stop.signal }), reason);
    await assert.rejects(check({ address: 'a', ...inline(stage.leaf) }, { signal: AbortSignal.abort(reason) }), reason);
  });

  it('while it waits for files', async (t) => {
    const { crt, key } = await writeFiles(t, { crt: 'x', key: 'y' });
    const stop = new AbortController();
    const clock = {
      ...systemClock,
      sleep: (ms: number, options: object = {}) => {
        if (ms === SECOND_LOOK_MS) stop.abort(new Error('enough'));
        return systemClock.sleep(ms, options);
      },
    };
    const files = { certificate: { path: crt }, key: { path: key } };
    await assert.rejects(check({ address: 'a', ...files }, { signal: stop.signal, clock }), { message: 'enough' });
  });
});

describe('secrets', () => {
  const secret = fc.stringMatching(/^[!-~]{4,40}$/);

  it('never come back, whatever the server makes of them', async (t) => {
    const { pki, leaf } = stage;
    // A server that repeats every credential in its words.
    const answer: Answer = (stream, { headers }) => {
      const said = `bad: ${headers['authorization']} ${headers['x-token']}`;
      trailersOnly(stream, 16, encodeURIComponent(said));
    };
    const frontend = await startFrontend(t, pki, { answer });
    await fc.assert(
      fc.asyncProperty(secret, secret, async (apiKey, token) => {
        const steps: CheckStep[] = [];
        const subject = { address: frontend.address, namespace: 'n', ...inline(leaf), ...trusting(pki.trustPem) };
        const report = await runCheck(
          { ...subject, apiKey, metadata: { 'x-token': token } },
          { onStep: (step) => steps.push(step) },
        );
        assert.equal(report.cause?.code, 'ROTEY_CHECK_API_KEY_REFUSED');
        const said = [...report.steps, ...steps].map(({ detail }) => detail);
        const texts = [...said, report.cause.message, ...report.calls.map(({ message }) => message)];
        for (const text of texts) assert.ok(!text.includes(apiKey) && !text.includes(token), text);
      }),
      { numRuns: 20 },
    );
  });

  it('of the environment are never in a report for support', async () => {
    const report = await check({ address: 'a:b:c' });
    const name = fc.constantFrom(
      ...['TEMPORAL_API_KEY', 'TEMPORAL_TLS_CLIENT_KEY_DATA', 'TEMPORAL_GRPC_META_X', 'ROTEY_KEY_PASSPHRASE'],
      ...['HTTPS_PROXY', 'ROTEY_HTTP_PROXY_CREDENTIALS', 'TEMPORAL_SOMETHING_NEW', 'NODE_OPTIONS', 'TEMPORAL_TLS_KEY'],
    );
    fc.assert(
      fc.property(name, fc.uuid(), (variable, value) => {
        const env = { [variable]: value, PATH: value, TEMPORAL_ADDRESS: 'host:7233' };
        const circumstances = { writtenBy: 'rotey', versions: {}, settings: [], warnings: [], env };
        const { environment, ...rest } = makeSupportReport(report, circumstances);
        assert.deepEqual(environment, { TEMPORAL_ADDRESS: 'host:7233', [variable]: '[set]' });
        assert.ok(!JSON.stringify(rest).includes(value));
      }),
    );
  });
});
