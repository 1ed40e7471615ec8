import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import type { GreetSomeone, ReceiveVisitors, StandGuard } from './worker/workflows.ts';

export interface LoadEvents {
  workflowFailed: [workflowId: string, reason: string];
}

/** What the Worker is given to do: greetings all the time, a workflow that stays open, and an activity that never ends. */
export class Load extends EventEmitter<LoadEvents> {
  completed = 0;
  failed = 0;
  /** In workflows that failed, as their histories say. */
  activitiesFailed = 0;
  visits = 0;
  readonly #client: Client;
  readonly #stopped = new AbortController();
  /** Workflows that have not ended. */
  readonly #waiting = new Set<string>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #ends: (() => Promise<void>)[] = [];

  constructor(client: Client) {
    super();
    this.#client = client;
  }

  /** Returns when the long ones have begun. */
  async start(): Promise<void> {
    const visitors = await this.#client.workflow.start<typeof ReceiveVisitors>('ReceiveVisitors', {
      ...{ taskQueue: TASK_QUEUE, workflowId: 'visitors' },
    });
    const guard = await this.#client.workflow.start<typeof StandGuard>('StandGuard', {
      ...{ taskQueue: TASK_QUEUE, workflowId: 'guard' },
    });
    this.#ends.push(
      () => visitors.signal('closeDoor'),
      async () => void (await guard.cancel()),
    );
    this.#expect('visitors', visitors.result(), (greeted) => greeted === this.visits);
    this.#expect('guard', guard.result(), (heartbeats) => heartbeats > 0);
    this.#track(this.#sendVisitors(visitors));
    this.#track(this.#greet());
  }

  /**
   * Ends it in order, and returns when every workflow has ended.
   *
   * @param patienceMs how long to wait for that; a workflow that has not answered then is terminated, and has failed.
   */
  async finish(patienceMs: number): Promise<void> {
    this.#stopped.abort();
    for (const end of this.#ends) await end().catch(() => undefined); // has ended already, and was counted
    const patience = new AbortController();
    const tooLong = sleep(patienceMs, true, { signal: patience.signal }).catch(() => false);
    if (await Promise.race([tooLong, this.#allEnded()])) {
      const silent = [...this.#waiting].map((id) => this.#client.workflow.getHandle(id));
      await Promise.allSettled(silent.map((handle) => handle.terminate('no answer until the end of the demo')));
    }
    patience.abort();
    await this.#allEnded();
  }

  async #allEnded(): Promise<boolean> {
    await Promise.all(this.#underWay);
    return false;
  }

  async #greet(): Promise<void> {
    for (let count = 1; await this.#pause(GREETING_EVERY_MS); count++) {
      const name = `Rotey McRoteface ${count}`;
      const workflowId = `greeting-${count}`;
      const greeting = this.#client.workflow.execute<typeof GreetSomeone>('GreetSomeone', {
        ...{ taskQueue: TASK_QUEUE, workflowId, args: [name] },
        // Nobody waits longer for a greeting.
        workflowExecutionTimeout: '10s',
      });
      this.#expect(workflowId, greeting, (answer) => answer === `Hello ${name}!`);
    }
  }

  async #sendVisitors(visitors: WorkflowHandle<typeof ReceiveVisitors>): Promise<void> {
    while (await this.#pause(VISIT_EVERY_MS)) {
      try {
        await visitors.signal('visit', `visitor ${this.visits + 1}`);
        this.visits += 1;
      } catch {
        return; // the workflow has failed, which was counted
      }
    }
  }

  #expect<T>(workflowId: string, answer: Promise<T>, isRight: (answer: T) => boolean): void {
    this.#waiting.add(workflowId);
    const ended = async () => {
      try {
        const value = await answer;
        if (!isRight(value)) throw new Error(`the wrong answer: ${JSON.stringify(value)}`);
        this.completed += 1;
      } catch (error) {
        this.failed += 1;
        this.emit('workflowFailed', workflowId, innermost(error));
        const failures = await this.#failedActivities(workflowId);
        this.activitiesFailed += failures; // not in one line: it would be read before the wait
      } finally {
        this.#waiting.delete(workflowId);
      }
    };
    this.#track(ended());
  }

  /** From the server's own record: a Worker that is cut off cannot tell. */
  async #failedActivities(workflowId: string): Promise<number> {
    const { events } = await this.#client.workflow.getHandle(workflowId).fetchHistory();
    const failures = events?.filter(
      (e) => e.activityTaskFailedEventAttributes || e.activityTaskTimedOutEventAttributes,
    );
    return failures?.length ?? 0;
  }

  #track(work: Promise<void>): void {
    this.#underWay.add(work);
    // One that breaks stays, and breaks finish() as well.
    work.then(() => this.#underWay.delete(work)).catch(() => undefined);
  }

  /** False when it is over. */
  async #pause(ms: number): Promise<boolean> {
    return await sleep(ms, true, { signal: this.#stopped.signal }).catch(() => false);
  }
}

/** A failed workflow says what failed in its causes. */
function innermost(error: unknown): string {
  let [inner, depth] = [error, 0];
  while (inner instanceof Error && inner.cause !== undefined && depth++ < 10) inner = inner.cause;
  return inner instanceof Error ? `${inner.name}: ${inner.message}` : String(inner);
}

const TASK_QUEUE = 'greeting-tasks';
const GREETING_EVERY_MS = 500;
const VISIT_EVERY_MS = 2_000;
