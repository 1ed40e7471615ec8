import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { OpenSsl } from '../../../test/support/openssl.ts';
import type { TestPki } from '../../probe/testing/servers.ts';

const OPTIONS = ['-tls1_3', '-alpn', 'h2', '-Verify', '2', '-verify_return_error'];

/**
 * A server that speaks TLS 1.3 only, names the CA that it takes clients of, and refuses others by an alert, which Node's
 * servers do not send.
 */
export async function startOpenSslServer(
  t: TestContext,
  { server }: Pick<TestPki, 'server'>,
): Promise<{ readonly address: string }> {
  const openssl = new OpenSsl();
  const files = Object.entries({ key: server.key, cert: server.cert, CAfile: server.ca }).flatMap(([name, pem]) => [
    `-${name}`,
    openssl.write(name, pem),
  ]);
  const child = openssl.start('s_server', '-accept', '127.0.0.1:0', ...files, ...OPTIONS);
  const gone = once(child, 'exit');
  t.after(async () => {
    child.kill();
    await gone;
    openssl.remove();
  });
  const port = await new Promise<string | undefined>((resolve) => {
    const lines = createInterface(child.stdout);
    lines.on('line', (line) => {
      const accepting = /^ACCEPT 127\.0\.0\.1:(\d+)/.exec(line);
      if (accepting !== null) resolve(accepting[1]);
    });
    lines.on('close', () => resolve(undefined));
  });
  assert.ok(port !== undefined, 'openssl s_server did not start');
  return { address: `127.0.0.1:${port}` };
}
