/**
 * Starts the workflow of the guide and prints its answer: for each name that it is given as an argument, or else for each
 * line that it is sent. Where the server is and where the certificate lies is in the environment, as for the Worker; the
 * certificate may be replaced while it runs.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { Client, Connection } from '@temporalio/client';
import { rotateCertificates } from 'rotey/worker';

const rotation = await rotateCertificates();
const connection = await Connection.connect({ plugins: [rotation] });
try {
  const client = new Client({ connection, namespace: process.env['TEMPORAL_NAMESPACE'] ?? 'default' });
  const names = process.argv.slice(2);
  for await (const name of names.length > 0 ? names : createInterface({ input: process.stdin })) {
    const greeting = await client.workflow.execute('GreetSomeone', {
      taskQueue: 'greeting-tasks',
      workflowId: `greet-${randomUUID()}`,
      args: [name],
    });
    console.log(greeting);
  }
} finally {
  await connection.close();
  await rotation.close();
}
