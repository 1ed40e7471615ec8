/**
 * The demo's Worker with a certificate that rotates. Compare without-rotey.ts.
 *
 * @module
 */
import { NativeConnection } from '@temporalio/worker';
import { rotateCertificates } from 'rotey/worker';
import { tell } from './messages.ts';
import { installRuntime, runWorker } from './run-worker.ts';

installRuntime();
const rotation = await rotateCertificates({ logger: false });
rotation
  .on('candidate', ({ pair }) => tell({ type: 'candidate', serial: pair.serial }))
  .on('rotated', ({ pair, newPair, tookMs }) => tell({ type: 'rotated', serial: pair.serial, newPair, tookMs }))
  .on('attemptFailed', ({ pair, verdict, error }) =>
    tell({ type: 'attemptFailed', serial: pair.serial, verdict, reason: error.message }),
  )
  .on('held', ({ pair, reason }) => tell({ type: 'held', serial: pair.serial, reason }))
  .on('drained', ({ pair, tookMs, callsCut }) => tell({ type: 'drained', serial: pair.serial, tookMs, callsCut }))
  .on('expiring', ({ pair, level, leftMs }) => tell({ type: 'expiring', serial: pair.serial, level, leftMs }))
  .on('sourceProblem', ({ message }) => tell({ type: 'sourceProblem', reason: message }));

const connection = await NativeConnection.connect({ plugins: [rotation] });
try {
  await runWorker(connection);
} finally {
  await connection.close();
  await rotation.close();
}
