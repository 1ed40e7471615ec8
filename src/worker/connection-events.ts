import type { RotationEvents } from '../rotation/index.ts';
import type { SafeEmitter } from '../safe-emitter.ts';
import type { ConnectionKind } from './managed.ts';

/** Which connection an event or a status is about. */
export interface AboutConnection {
  readonly address: string;
  readonly kind: ConnectionKind;
}

/** As `RotationEvents`; each event also says which connection it is about. */
export type CertificateRotationEvents = {
  [Name in keyof RotationEvents]: RotationEvents[Name] extends [infer Event]
    ? [event: Name extends 'sourceProblem' ? Event : Event & AboutConnection]
    : [];
} & {
  /** Nothing ran in this process for a second or more. Told when `metrics` or `health` is switched on. */
  eventLoopBlocked: [event: { readonly forMs: number }];
};

/** Tells what happens to one connection, and to which. What the source tells is not about any. */
export function forwardEvents(
  from: SafeEmitter<RotationEvents>,
  about: AboutConnection,
  to: SafeEmitter<CertificateRotationEvents>,
): void {
  from.on('candidate', (event) => to.emit('candidate', { ...event, ...about }));
  from.on('held', (event) => to.emit('held', { ...event, ...about }));
  from.on('rotated', (event) => to.emit('rotated', { ...event, ...about }));
  from.on('rehearsed', (event) => to.emit('rehearsed', { ...event, ...about }));
  from.on('attemptFailed', (event) => to.emit('attemptFailed', { ...event, ...about }));
  from.on('drained', (event) => to.emit('drained', { ...event, ...about }));
  from.on('expiring', (event) => to.emit('expiring', { ...event, ...about }));
  from.on('clockJumped', (event) => to.emit('clockJumped', { ...event, ...about }));
}
