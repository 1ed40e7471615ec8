// Runs in a folder of its own, where `@temporalio/*` is the version under test and `rotey` is this package as built.
// Plain JavaScript, as a user of that SDK would write it. Talks to the test by lines of JSON.
import { createInterface } from 'node:readline';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { rotateCertificates } from 'rotey/worker';

const { address, certPath, keyPath, caPath, withPlugin } = JSON.parse(process.argv[2] ?? '{}');
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

Runtime.install({ logger: new DefaultLogger('ERROR') });
const rotation = await rotateCertificates({ certPath, keyPath, caPath, logger: false });
const moved = [];
rotation.on('rotated', ({ pair, newPair, kind }) => {
  if (!newPair) return;
  moved.push(kind);
  if (moved.length % 2 === 0) say({ rotated: pair.serial, moved: moved.splice(0).sort() });
});
const connection = withPlugin
  ? await NativeConnection.connect({ address, plugins: [rotation] })
  : await rotation.connect({ address });
const worker = await Worker.create({
  connection,
  taskQueue: 'oldest',
  workflowsPath: new URL('workflows.cjs', import.meta.url).pathname,
  activities: { greet: async (name) => `Hello ${name}!` },
});
if (!withPlugin) rotation.attach(worker);
// A starter's connection over grpc-js, beside the Worker's native one.
const starter = withPlugin
  ? await Connection.connect({ address, plugins: [rotation] })
  : await rotation.connectClient({ address });
const client = new Client({ connection: starter });
await worker.runUntil(async () => {
  say({ ready: true });
  for await (const line of createInterface({ input: process.stdin })) {
    const { greet } = JSON.parse(line);
    const workflowId = `oldest-${greet}`;
    say({ answer: await client.workflow.execute('greeting', { taskQueue: 'oldest', workflowId, args: [greet] }) });
  }
});
await starter.close();
await connection.close();
await rotation.close();
say({ closed: true });
