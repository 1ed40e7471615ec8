import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../../src/sandbox/cache-folder.ts';
import { stage } from '../e2e/support/stage.ts';

/** The oldest whose Workers can be given another connection; keep in step with peerDependencies. */
const OLDEST = '1.15.0';
/** The oldest that this SDK takes; it calls a channel ready before the server has accepted the certificate. */
const OLDEST_GRPC = '1.12.4';
const root = fileURLToPath(new URL('../..', import.meta.url));

for (const withPlugin of [true, false]) {
  test(`SDK ${OLDEST}, ${withPlugin ? 'as a plugin' : 'without plugins'}: the Worker and a Client move to the new certificate`, async (t) => {
    const set = await stage(t);
    if (set === undefined) return;
    const folder = await installOldest();
    const options = {
      address: set.sandbox.address,
      certPath: join(set.directory, 'tls.crt'),
      keyPath: join(set.directory, 'tls.key'),
      caPath: set.sandbox.files.serverCa,
      withPlugin,
    };
    const child = spawn(process.execPath, [join(folder, 'scenario.mjs'), JSON.stringify(options)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    t.after(() => child.kill('SIGKILL'));
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const heard = async (): Promise<Record<string, unknown>> => {
      const { value, done } = await lines.next();
      assert.ok(!done, 'the Worker ended');
      return JSON.parse(String(value)) as Record<string, unknown>;
    };
    const tell = (message: object): void => void child.stdin.write(`${JSON.stringify(message)}\n`);
    assert.deepEqual(await heard(), { ready: true });
    for (const name of ['one', 'two']) {
      const leaf = await set.issue();
      await set.publish(leaf);
      assert.deepEqual(await heard(), { rotated: leaf.serial, moved: ['client', 'worker'] });
      tell({ greet: `${name}-${withPlugin}` });
      assert.deepEqual(await heard(), { answer: `Hello ${name}-${withPlugin}!` });
      await set.sandbox.calls.waitFor(
        ({ serial, method }) => serial === leaf.serial && method === 'RespondWorkflowTaskCompleted',
      );
      await set.sandbox.calls.waitFor(
        ({ serial, method }) => serial === leaf.serial && method === 'StartWorkflowExecution',
      );
    }
    const exited = once(child, 'exit');
    child.stdin.end();
    assert.deepEqual(await heard(), { closed: true });
    const [exitCode] = (await exited) as [number | null];
    assert.equal(exitCode, 0);
    await set.connection.close();
  });
}

/** A folder with that SDK and with rotey as it is built now; the SDK is installed once per machine. */
async function installOldest(): Promise<string> {
  const folder = join(cacheFolder(process.env), `sdk-${OLDEST}`);
  await mkdir(folder, { recursive: true });
  const packages = ['worker', 'client', 'workflow', 'activity', 'common'].map((name) => `@temporalio/${name}`);
  const dependencies = {
    ...Object.fromEntries(packages.map((name) => [name, OLDEST])),
    '@grpc/grpc-js': OLDEST_GRPC,
  };
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'oldest-sdk', private: true, dependencies }));
  const npm = spawnSync('npm', ['install', '--no-package-lock', '--prefer-offline', '--silent'], {
    cwd: folder,
    encoding: 'utf8',
  });
  assert.equal(npm.status, 0, npm.stderr);
  const rotey = join(folder, 'node_modules', 'rotey');
  await cp(join(root, 'dist'), join(rotey, 'dist'), { recursive: true });
  await cp(join(root, 'package.json'), join(rotey, 'package.json'));
  const scenario = fileURLToPath(new URL('oldest-sdk', import.meta.url));
  await cp(scenario, folder, { recursive: true });
  return folder;
}
