/**
 * The Worker of the guide. Where the server is and where the certificate lies is in the environment, see README.md; the
 * certificate may be replaced at any time.
 *
 * @module
 */
import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import { rotateCertificates } from 'rotey/worker';
import * as activities from './activities.ts';

const rotation = await rotateCertificates();
const connection = await NativeConnection.connect({ plugins: [rotation] });
try {
  const worker = await Worker.create({
    connection,
    namespace: process.env['TEMPORAL_NAMESPACE'] ?? 'default',
    taskQueue: 'greeting-tasks',
    workflowsPath: fileURLToPath(new URL('./workflows.ts', import.meta.url)),
    activities,
    // On SIGTERM or SIGINT the SDK stops polling; activities that run may end in this time.
    shutdownGraceTime: '10s',
  });
  await worker.run();
} finally {
  await connection.close();
  await rotation.close();
}
