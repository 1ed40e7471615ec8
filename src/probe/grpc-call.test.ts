import assert from 'node:assert/strict';
import { constants } from 'node:http2';
import { describe, it, type TestContext } from 'node:test';
import { probe } from './probe.ts';
import type { CallReport } from './report.ts';
import { type Answer, createTestPki, issuePair, respond, startFrontend, trailersOnly } from './testing/servers.ts';

const pki = await createTestPki();
const pair = await issuePair(pki.authority);

/** What GetSystemInfo comes to when it is answered like this. */
async function callOf(t: TestContext, answer: Answer): Promise<CallReport> {
  const frontend = await startFrontend(t, pki, { answer });
  const { calls, failure } = await probe({ address: frontend.address, trustPem: pki.trustPem }, pair);
  return calls[0] ?? assert.fail(failure?.message);
}

const html: (status: number) => Answer = (status) => (stream) => {
  stream.respond({ ':status': status, 'content-type': 'text/html' });
  stream.end('<h1>proxy</h1>');
};

describe('a gRPC call', () => {
  it('reads a status without a body (trailers only) and decodes its message', async (t) => {
    const call = await callOf(t, (stream) => trailersOnly(stream, 7, 'na%C3%AFve 100%25 %zz'));
    assert.deepEqual([call.code, call.status, call.message], [7, 'PERMISSION_DENIED', 'naïve 100% %zz']);
  });

  it('reads a status from the trailers', async (t) => {
    const call = await callOf(t, (stream) =>
      respond(stream, { trailers: { 'grpc-status': '5', 'grpc-message': 'gone' } }),
    );
    assert.deepEqual([call.code, call.status, call.message], [5, 'NOT_FOUND', 'gone']);
  });

  it('keeps control characters and endless texts out of messages', async (t) => {
    const call = await callOf(t, (stream) => trailersOnly(stream, 14, `%1b[2J%0d%0a${'x'.repeat(5_000)}`));
    assert.match(call.message, /^ \[2J x+$/);
    assert.equal(call.message.length, 1_000);
  });

  it('does not take an answer without a status for success', async (t) => {
    const call = await callOf(t, (stream) => respond(stream, { trailers: { other: 'x' } }));
    assert.deepEqual([call.status, call.message], ['UNKNOWN', 'the answer ended without a grpc-status']);
  });

  for (const status of ['17', '-1', 'OK', '']) {
    it(`takes the status ${JSON.stringify(status)} for UNKNOWN`, async (t) => {
      assert.equal(
        (await callOf(t, (stream) => respond(stream, { trailers: { 'grpc-status': status } }))).status,
        'UNKNOWN',
      );
    });
  }

  for (const [http, status] of [
    [502, 'UNAVAILABLE'],
    [503, 'UNAVAILABLE'],
    [401, 'UNAUTHENTICATED'],
    [403, 'PERMISSION_DENIED'],
    [404, 'UNKNOWN'],
    [200, 'UNKNOWN'],
  ] as const) {
    it(`takes a web page with HTTP ${http} for ${status}`, async (t) => {
      const call = await callOf(t, html(http));
      assert.equal(call.status, status);
      assert.match(call.message, new RegExp(`HTTP ${http} \\(text/html\\)`));
    });
  }

  for (const [name, status] of [
    ['NGHTTP2_REFUSED_STREAM', 'UNAVAILABLE'],
    ['NGHTTP2_CANCEL', 'CANCELLED'],
    ['NGHTTP2_ENHANCE_YOUR_CALM', 'RESOURCE_EXHAUSTED'],
    ['NGHTTP2_INTERNAL_ERROR', 'INTERNAL'],
  ] as const) {
    it(`takes a stream reset with ${name} for ${status}`, async (t) => {
      assert.equal((await callOf(t, (stream) => stream.close(constants[name]))).status, status);
    });
  }

  it('stops reading an endless body', async (t) => {
    const call = await callOf(t, (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      const more = (): void => {
        while (!stream.destroyed && stream.write(Buffer.alloc(65_536)));
      };
      stream.on('drain', more);
      more();
    });
    assert.deepEqual([call.status, call.message], ['RESOURCE_EXHAUSTED', 'the answer is longer than 1048576 bytes']);
  });

  it('survives enormous trailers', async (t) => {
    const call = await callOf(t, (stream) => trailersOnly(stream, 0, 'x'.repeat(200_000)));
    assert.notEqual(call.status, 'OK');
  });
});
