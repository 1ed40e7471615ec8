import {
  condition,
  defineSignal,
  defineUpdate,
  log,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities.ts';

const { greet, noteReplay } = proxyActivities<Activities>({
  startToCloseTimeout: '2 minutes',
  retry: { maximumAttempts: 1 },
});

export const finish = defineSignal('finish');
export const step = defineSignal('step');
/** Runs an activity and answers when it is done. */
export const stepped = defineUpdate('stepped');

/** One activity, one answer. */
export async function greeting(name: string): Promise<string> {
  return await greet(name);
}

/** Stays open; every `step` signal makes it run an activity; `finish` ends it. Answers how many steps it took. */
export async function open(): Promise<{ steps: number; replayed: boolean }> {
  let [wanted, steps, finished, replayed] = [0, 0, false, false];
  const noteIfReplaying = (): void => {
    if (workflowInfo().unsafe.isReplaying) replayed = true;
  };
  setHandler(step, () => {
    noteIfReplaying();
    wanted++;
  });
  setHandler(stepped, async () => {
    noteIfReplaying();
    await greet('update');
  });
  setHandler(finish, () => {
    finished = true;
  });
  while (!finished || steps < wanted) {
    await condition(() => wanted > steps || finished);
    noteIfReplaying();
    if (wanted > steps) {
      await greet(`step ${steps}`);
      steps++;
    }
  }
  if (replayed) await noteReplay();
  log.debug('done', { steps });
  return { steps, replayed };
}
