import { CancelledFailure, Context } from '@temporalio/activity';

export { composeGreeting } from '../../greeting-worker/activities.ts';

/** One activity for the whole demo, through every rotation. Answers how many heartbeats it sent. */
export async function keepWatch(): Promise<number> {
  const context = Context.current();
  for (let heartbeats = 1; ; heartbeats++) {
    context.heartbeat(heartbeats);
    try {
      await context.sleep('1s');
    } catch (error) {
      // The cancellation comes with the answer to a heartbeat, so it too has come through every rotation.
      if (error instanceof CancelledFailure) return heartbeats;
      throw error;
    }
  }
}
