import type { Logger } from 'pino';
import type { AttemptFailedEvent, PairSummary, RotatedEvent } from '../../rotation/index.ts';
import type { Watch } from '../../watch/index.ts';

/**
 * Logs what happens to a watch, one line an event. What repeats itself (the same failure at the next attempt, a proof that
 * succeeds again) is for `debug`: with hundreds of watches on a server that is down nobody could read anything else.
 */
export function logWatch({ spec, source, rotation }: Watch, parent: Logger): void {
  const log = parent.child({ watch: spec.name });
  let told: string | undefined;
  if (source.current === undefined) {
    const { code, message = '', hint } = source.status().problem ?? {};
    log.warn({ code, hint }, `There is no usable pair yet; waiting for one. ${message}`.trim());
  }
  rotation.events.on('rotated', (event) => {
    logAccepted(log, event, told !== undefined);
    told = undefined;
  });
  rotation.events.on('attemptFailed', (event) => {
    const failure = `${event.verdict} ${event.error.code} ${event.pair.serial}`;
    logFailed(log, event, told === failure);
    told = failure;
  });
  rotation.events.on('candidate', ({ pair }) => log.info(factsOf(pair), 'Another pair is on disk'));
  rotation.events.on('held', ({ pair, reason }) => {
    log.warn({ ...factsOf(pair), reason }, 'The new certificate is not proven now');
  });
  rotation.events.on('expiring', ({ pair, level, leftMs }) => {
    const facts = { ...factsOf(pair), leftMs };
    if (level === 'warning') log.warn(facts, 'The certificate ends soon and no newer one is there');
    else log.error(facts, level === 'expired' ? 'The certificate has expired' : 'The certificate is about to expire');
  });
  rotation.events.on('sourceProblem', ({ message, ...facts }) =>
    log.warn(facts, `The files cannot be used. ${message}`),
  );
  rotation.events.on('sourceRecovered', () => log.info('The files can be used again'));
  rotation.events.on('clockJumped', (event) => log.debug(event, 'The wall clock jumped, or the machine slept'));
}

function logAccepted(
  log: Logger,
  { pair, previous, newPair, cause, tookMs, warnings }: RotatedEvent,
  recovered: boolean,
): void {
  const facts = { ...factsOf(pair), cause, tookMs };
  if (!newPair && !recovered) log.debug(facts, 'The server still accepts the certificate');
  else if (!newPair) log.info(facts, 'The server accepts the certificate again');
  else if (previous === undefined) log.info(facts, 'The server accepts the certificate');
  else log.info({ ...facts, previousSerial: previous.serial }, 'The server accepts the new certificate');
  if (newPair) for (const warning of warnings) log.warn({ serial: pair.serial }, warning);
}

function logFailed(log: Logger, event: AttemptFailedEvent, again: boolean): void {
  const { pair, verdict, cause, step, error, failures, retryInMs } = event;
  const { code, hint } = error;
  const facts = { ...factsOf(pair), verdict, code, hint, step, cause, failures, retryInMs };
  const which = cause === 'new-pair' ? 'The certificate on disk' : 'The certificate that was accepted before';
  const message = `${which} ${verdict === 'refused' ? 'is refused' : 'could not be proven'}. ${error.message}`;
  if (again) log.debug(facts, message);
  else if (verdict === 'refused') log.error(facts, message);
  else log.warn(facts, message);
}

function factsOf({ serial, notAfterMs }: PairSummary): { readonly serial: string; readonly notAfter: string } {
  return { serial, notAfter: new Date(notAfterMs).toISOString() };
}
