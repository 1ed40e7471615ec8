/**
 * A workflow interceptor that says so when a workflow is built up again from its history: such a workflow runs from its
 * first line, with `isReplaying` set. It happens when the Worker's cache has lost the workflow, as after a restart.
 *
 * @module
 */
import { proxySinks, type Sinks, type WorkflowInterceptors, workflowInfo } from '@temporalio/workflow';

export interface ReplaySinks extends Sinks {
  readonly replays: { replayed(): void };
}

export const interceptors = (): WorkflowInterceptors => ({
  inbound: [
    {
      async execute(input, next) {
        if (workflowInfo().unsafe.isReplaying) proxySinks<ReplaySinks>().replays.replayed();
        return await next(input);
      },
    },
  ],
});
