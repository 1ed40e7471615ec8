import { setTimeout as sleep } from 'node:timers/promises';
import { publishPair } from 'rotey/pki';
import type { Sandbox } from 'rotey/sandbox';

/** The common name of the Worker's certificates, by which the frontend tells its calls from those of the demo itself. */
export const WORKER_NAME = 'greeting-worker';
export const LIFETIME_MS = 30_000;

/** A certificate that was put in place. */
export interface Published {
  readonly serial: string;
  readonly notAfterMs: number;
}

/** Plays the certificate manager: issues, publishes in the layout of a Kubernetes volume, and renews before the expiry. */
export class CertificateManager {
  readonly #sandbox: Sandbox;
  readonly #directory: string;
  readonly #onPublished: (published: Published) => void;
  readonly #published = new Map<string, Published>();

  constructor(sandbox: Sandbox, directory: string, onPublished: (published: Published) => void) {
    this.#sandbox = sandbox;
    this.#directory = directory;
    this.#onPublished = onPublished;
  }

  /** By serial. */
  get published(): ReadonlyMap<string, Published> {
    return this.#published;
  }

  /** Issues a certificate with a new key and puts it in place of the last one. */
  async publish(): Promise<Published> {
    const leaf = await this.#sandbox.issueClient({
      commonName: WORKER_NAME,
      lifetimeMs: LIFETIME_MS,
      backdateMs: 0,
    });
    const published = { serial: leaf.serial, notAfterMs: leaf.notAfterMs };
    this.#published.set(leaf.serial, published);
    this.#onPublished(published);
    await publishPair(this.#directory, { certificatePem: leaf.chainPem, privateKeyPem: leaf.revealPrivateKey() });
    return published;
  }

  /** Publishes a new one at every interval until the signal aborts. */
  async renewEvery(intervalMs: number, signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    for (let count = 1; ; count++) {
      const waited = await sleep(startedAt + count * intervalMs - performance.now(), true, { signal }).catch(
        () => false,
      );
      if (!waited) return;
      await this.publish();
    }
  }
}
