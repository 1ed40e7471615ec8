import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { freePorts } from './free-ports.ts';
import { startSandbox } from './sandbox.ts';
import type { SandboxOptions } from './sandbox-options.ts';
import { temporaryDirectory } from './testing/fake-go.ts';

const LOG = `{"level":"warn","msg":"a warning"}
{"level":"fatal","msg":"Failed to start gRPC listener","error":"listen tcp 127.0.0.1:1: bind: address already in use"}`;

test('a server that ends at the start is told with its own words', async (t) => {
  const script = `cat >&2 <<'END'\n${LOG}\nEND\nexit 1`;
  await assert.rejects(startWith(t, script), (error: Error & { context?: { log?: string } }) => {
    assert.match(error.message, /ended \(exit code 1\): Failed to start gRPC listener: listen tcp/);
    assert.equal(error.context?.log, LOG);
    return true;
  });
});

test('a port that somebody else took in the meantime is no failure of the first start', async (t) => {
  const directory = await temporaryDirectory(t);
  const starts = join(directory, 'starts');
  const script = `echo x >> ${starts}; if [ $(wc -l < ${starts}) -lt 3 ]; then echo 'address already in use' >&2; exit 1; fi
    echo '{"event":"ready"}'; cat > /dev/null`;
  const sandbox = await startWith(t, script);
  assert.ok(sandbox.pid);
  await sandbox.stop();
});

test('a server that never gets ready, or cannot be run, is told and not left behind', async (t) => {
  await assert.rejects(startWith(t, 'exec sleep 60', { startTimeoutMs: 100 }), {
    code: 'ROTEY_SANDBOX_FAILED',
    message: 'The Temporal server did not answer within 100 ms.',
  });
  const noInterpreter = await temporaryDirectory(t);
  const path = join(noInterpreter, 'server');
  await writeFile(path, '#!/no/such/interpreter\n', { mode: 0o755 });
  await assert.rejects(startSandbox({ env: { ROTEY_TEMPORAL_SERVER: path } }), { code: 'ROTEY_SANDBOX_FAILED' });
});

test('a port that was asked for and is taken is told before anything starts', async (t) => {
  const [port = 0] = await freePorts(1);
  const server = createServer();
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await assert.rejects(startWith(t, 'exit 9', { port }), { message: `Port ${port} of 127.0.0.1 is taken.` });
});

test('a directory of its own is removed when the start fails', async (t) => {
  const home = await temporaryDirectory(t);
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = home;
  t.after(() => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  });
  const binary = await serverScript(t, 'exit 1');
  const others = await readdir(home);
  await assert.rejects(startSandbox({ env: { ROTEY_TEMPORAL_SERVER: binary } }));
  assert.deepEqual(await readdir(home), others);
});

test('impossible options are refused', async () => {
  for (const options of [{ port: 0 }, { port: 65_536 }, { caRefreshMs: 0 }, { startTimeoutMs: Number.NaN }]) {
    await assert.rejects(startSandbox(options), RangeError);
  }
  await assert.rejects(startSandbox({ namespaces: [' '] }), RangeError);
});

/** A sandbox whose server is a shell script. */
async function startWith(t: TestContext, script: string, options: SandboxOptions = {}) {
  const env = { ...process.env, ROTEY_TEMPORAL_SERVER: await serverScript(t, script) };
  const sandbox = await startSandbox({ env, ...options });
  t.after(() => sandbox.stop());
  return sandbox;
}

async function serverScript(t: TestContext, script: string): Promise<string> {
  const path = join(await temporaryDirectory(t), 'server');
  await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return path;
}
