import type { WorkerProcess } from './worker-process.ts';

/** Counts what the Worker's process tells. */
export class WorkerNotes {
  rotations = 0;
  replays = 0;
  /** Attempts of activities that a retry made up for. */
  retries = 0;

  constructor(worker: WorkerProcess) {
    worker.on('told', (message) => {
      if (message.type === 'rotated' && message.newPair) this.rotations += 1;
      if (message.type === 'replayed') this.replays += 1;
      if (message.type === 'retried') this.retries += 1;
    });
  }
}
