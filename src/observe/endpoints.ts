import { type ControlCommands, openControlSocket } from './control-socket.ts';
import { type HealthListenerOptions, type MetricsText, startHealthListener } from './health-listener.ts';
import type { StatusDocument } from './status-document.ts';

/** Where a process can be looked at, and by whom it is told what to do. All is off unless it is named. */
export interface EndpointOptions {
  /** Undefined: no health listener. */
  readonly health?: Pick<HealthListenerOptions, 'listen' | 'allowedHosts' | 'ref'> | undefined;
  /** Path of the control socket; undefined: none. */
  readonly controlSocket?: string | undefined;
  readonly status: () => StatusDocument;
  /** What `/metrics` shows. */
  readonly metrics?: MetricsText | undefined;
  /** What the control socket can do besides `status`. */
  readonly commands: ControlCommands;
}

export interface Endpoints extends AsyncDisposable {
  /** `host:port` of the health listener. */
  readonly healthAddress: string | undefined;
  close(): Promise<void>;
}

/**
 * Opens what is asked for, or nothing when one of it fails.
 *
 * @throws {RoteyError} `ROTEY_LISTEN_FAILED`, `ROTEY_CONFIG_INVALID`
 */
export async function openEndpoints(options: EndpointOptions): Promise<Endpoints> {
  const { health, controlSocket, status, metrics, commands } = options;
  const listener = health && (await startHealthListener({ ...health, status, metrics }));
  try {
    const socket =
      controlSocket === undefined ? undefined : await openControlSocket(controlSocket, { status, ...commands });
    const close = async (): Promise<void> => {
      await Promise.all([listener?.close(), socket?.close()]);
    };
    return { healthAddress: listener?.address, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await listener?.close();
    throw error;
  }
}
