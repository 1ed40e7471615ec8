import { ActivityCancellationType, condition, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';
import type * as activities from './activities.ts';

export { GreetSomeone } from '../../greeting-worker/workflows.ts';

export const visit = defineSignal<[name: string]>('visit');
export const closeDoor = defineSignal('closeDoor');

// No retries: what fails shall be seen.
const { composeGreeting } = proxyActivities<typeof activities>({
  startToCloseTimeout: '10s',
  retry: { maximumAttempts: 1 },
});

const { keepWatch } = proxyActivities<typeof activities>({
  startToCloseTimeout: '1h',
  heartbeatTimeout: '8s',
  retry: { maximumAttempts: 1 },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});

/** Stays open across all rotations and greets every visitor who is signalled. Answers how many came. */
export async function ReceiveVisitors(): Promise<number> {
  const waiting: string[] = [];
  let [open, greeted] = [true, 0];
  setHandler(visit, (name) => void waiting.push(name));
  setHandler(closeDoor, () => {
    open = false;
  });
  while (open || waiting.length > 0) {
    await condition(() => !open || waiting.length > 0);
    const name = waiting.shift();
    if (name === undefined) continue;
    await composeGreeting(name);
    greeted += 1;
  }
  return greeted;
}

/** One activity that runs until the workflow is cancelled. Answers how many heartbeats it sent. */
export async function StandGuard(): Promise<number> {
  return await keepWatch();
}
