import type { CertificateRotation } from './certificate-rotation.ts';

/** What rotey needs of a logger; the SDK's `Logger` and pino behind a small adapter fit. */
export interface RotationLogger {
  info(message: string, meta?: Record<string, unknown>): void;
  warn(message: string, meta?: Record<string, unknown>): void;
  error(message: string, meta?: Record<string, unknown>): void;
}

/** One line an event. Never a key: events do not hold any. */
export function logEvents(rotation: CertificateRotation, log: () => RotationLogger): void {
  rotation.on('rotated', ({ pair, previous, warnings, ...event }) => {
    const message = event.newPair ? 'Certificate rotated' : 'Connection renewed with the same certificate';
    const meta = { serial: pair.serial, previousSerial: previous?.serial, notAfter: iso(pair.notAfterMs) };
    log().info(message, { ...meta, ...event });
    for (const warning of warnings)
      log().warn(warning, { address: event.address, kind: event.kind, serial: pair.serial });
  });
  rotation.on('rehearsed', ({ pair, warnings, ...event }) => {
    const message = 'The server accepts the new certificate; it is not used (observe mode)';
    log().info(message, { serial: pair.serial, notAfter: iso(pair.notAfterMs), ...event });
    for (const warning of warnings)
      log().warn(warning, { address: event.address, kind: event.kind, serial: pair.serial });
  });
  rotation.on('attemptFailed', ({ pair, error, ...event }) => {
    const what = event.verdict === 'refused' ? 'was refused' : 'could not be proven';
    log().warn(`The certificate with serial ${pair.serial} ${what}; the current one stays. ${error.message}`, {
      ...event,
      ...error,
    });
  });
  rotation.on('held', ({ pair, ...event }) => {
    log().warn(`The certificate with serial ${pair.serial} is not used: ${event.reason}`, event);
  });
  rotation.on('expiring', ({ pair, level, leftMs, address, kind }) => {
    const meta = { address, kind, serial: pair.serial, notAfter: iso(pair.notAfterMs), leftMs };
    if (level === 'warning') log().warn('The certificate in use ends soon and no newer one is there', meta);
    else
      log().error(
        level === 'expired' ? 'The certificate in use has expired' : 'The certificate in use is about to expire',
        meta,
      );
  });
  rotation.on('drained', ({ pair, ...event }) => {
    log().info('Old connection closed', { serial: pair.serial, ...event });
  });
  rotation.on('clockJumped', (event) => log().warn('The wall clock jumped, or the machine slept', { ...event }));
  rotation.on('eventLoopBlocked', (event) => log().warn('Nothing ran in this process for a while', event));
  rotation.on('sourceProblem', (error) => {
    log().warn(`The certificate files cannot be used; the last good pair stays. ${error.message}`, { ...error });
  });
  rotation.on('sourceRecovered', () => log().info('The certificate files can be used again'));
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
