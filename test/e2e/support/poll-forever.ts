import type { Connection } from '@temporalio/client';

/** A long poll on a task queue that never has a task: the server holds it for a minute. */
export async function pollForever(connection: Connection, namespace: string = 'default'): Promise<void> {
  await connection.withDeadline(Date.now() + 70_000, () =>
    connection.workflowService.pollWorkflowTaskQueue({ namespace, taskQueue: { name: 'nobody' } }),
  );
}
