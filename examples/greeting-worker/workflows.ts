import { proxyActivities } from '@temporalio/workflow';
import type * as activities from './activities.ts';

const { composeGreeting } = proxyActivities<typeof activities>({ startToCloseTimeout: '10s' });

export async function GreetSomeone(name: string): Promise<string> {
  return await composeGreeting(name);
}
