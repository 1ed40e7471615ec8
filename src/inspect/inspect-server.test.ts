import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { createTestPki, startRawServer, startTlsServer, type TestPki } from '../probe/testing/servers.ts';
import { inspectInputs } from './inspect.ts';
import { assertKeepsSchema } from './testing/schema.ts';

let pki: TestPki;
before(async () => {
  pki = await createTestPki();
});

describe('a server', () => {
  it('is shown with its chain, what it asks for, and only what concerns servers', async (t) => {
    const { address } = await startTlsServer(t, pki, () => undefined);
    const report = await inspectInputs([{ t: 'server', address }]);
    assertKeepsSchema(report);
    const { inputs, worst } = report;
    assert.deepEqual(inputs[0]?.server, {
      address,
      protocol: 'TLSv1.3',
      asksForClientCertificate: true,
      acceptedClientCas: ['CN=rotey test CA'],
    });
    const [entry] = inputs[0]?.entries ?? [];
    assert.equal(entry?.role, 'server');
    assert.deepEqual(
      entry?.certificates.map(({ subject, position }) => [subject, position]),
      [
        ['CN=frontend', 'leaf'],
        ['CN=rotey test CA', 'root'],
      ],
    );
    assert.deepEqual(entry?.certificates[0]?.sans, ['DNS:localhost', 'DNS:frontend', 'IP:127.0.0.1']);
    assert.deepEqual(entry?.findings, []);
    assert.equal(worst, 'none');
  });

  it('is told from a file by its port, and asked for the name that is given', async (t) => {
    const names: string[] = [];
    const SNICallback = (name: string, done: (error: null) => void): void => {
      names.push(name);
      done(null);
    };
    const { address } = await startTlsServer(t, pki, () => undefined, { SNICallback, requestCert: false });
    const { inputs } = await inspectInputs([{ t: 'argument', text: address }], { serverName: 'frontend' });
    assert.equal(inputs[0]?.kind, 'server');
    assert.equal(inputs[0]?.server?.asksForClientCertificate, false);
    assert.deepEqual(names, ['frontend']);
  });

  it('whose certificate ends too soon is an error where that was asked for', async (t) => {
    const { address } = await startTlsServer(t, pki, () => undefined);
    const { inputs } = await inspectInputs([{ t: 'server', address }], { expiresWithinMs: 25 * 3_600_000 });
    assert.deepEqual(
      inputs[0]?.entries[0]?.findings.map(({ code }) => code),
      ['ROTEY_FINDING_EXPIRES_WITHIN'],
    );
  });

  it('that is none is reported', async (t) => {
    const { address } = await startRawServer(t, (socket) => socket.end('hello\r\n'));
    const { inputs, worst } = await inspectInputs([
      { t: 'server', address },
      { t: 'server', address: '127.0.0.1:1' },
    ]);
    assert.deepEqual(
      inputs.map(({ error }) => error?.code),
      ['ROTEY_TLS_FAILED', 'ROTEY_CONNECT_REFUSED'],
    );
    assert.equal(worst, 'error');
  });

  it('is let go of when somebody has had enough', async (t) => {
    const stop = new AbortController();
    const { address } = await startRawServer(t, (socket) => socket.once('data', () => stop.abort(new Error('enough'))));
    await assert.rejects(inspectInputs([{ t: 'server', address }], { signal: stop.signal }), /enough/);
  });
});
