import { PROBLEMS, type ProblemName } from './problems.ts';
import type { RotationDocument, SourceDocument, StatusProblem } from './status-document.ts';

/**
 * How old the heartbeat of a rotation may be. It beats at least every 10 s, also while a server does not answer, so this
 * is several beats that did not come.
 */
const STUCK_SECONDS = 60;

/** How long an attempt may go on that was given up: it has 60 s by default, and ends within moments when it is aborted. */
const HANGING_SECONDS = 300;

/** Whether the loops run. Never depends on a server, so that no outage of one has processes killed. */
export function isHealthy(rotations: readonly RotationDocument[]): boolean {
  return !rotations.some(isStuck);
}

/**
 * Whether every rotation has an identity that its server has accepted. One that has ended since still counts: whether it
 * is accepted is the server's decision, and its connections may live on.
 */
export function isReady(rotations: readonly RotationDocument[]): boolean {
  return rotations.length > 0 && rotations.every(({ inUse }) => inUse !== null);
}

/** What somebody should look at, errors first. */
export function findProblems(
  sources: readonly SourceDocument[],
  rotations: readonly RotationDocument[],
): readonly StatusProblem[] {
  const found = [
    ...rotations.flatMap(({ name, address, ...facts }) =>
      [stuck(facts), noIdentity(facts), expiry(facts), inUseFailure(facts), held(facts)].map((one) => ({
        name,
        address,
        one,
      })),
    ),
    ...sources.map(({ name, problem }) => ({ name, address: null, one: problem && unusable(problem) })),
  ];
  const problems = found.flatMap(({ one, ...subject }): StatusProblem[] => {
    if (one === null) return [];
    const { what, message, hint } = one;
    return [{ severity: PROBLEMS[what].severity, what, ...subject, message, hint }];
  });
  const rank = ({ severity }: StatusProblem): number => (severity === 'error' ? 0 : 1);
  return problems.sort((a, b) => rank(a) - rank(b));
}

interface Found {
  readonly what: ProblemName;
  readonly message: string;
  readonly hint: string | null;
}

type Facts = Omit<RotationDocument, 'name' | 'address'>;

function isStuck({ heartbeatAgeSeconds }: Pick<Facts, 'heartbeatAgeSeconds'>): boolean {
  return heartbeatAgeSeconds !== null && heartbeatAgeSeconds > STUCK_SECONDS;
}

function stuck(facts: Facts): Found | null {
  const hint = 'Restart the process, and report this as a bug of rotey.';
  if (isStuck(facts)) {
    const message = `The loop has not run for ${Math.round(facts.heartbeatAgeSeconds ?? 0)} s.`;
    return { what: 'stuck', message, hint };
  }
  // Not unhealthy: it may be the server that does not answer, and what is in use serves on.
  if (facts.attempt?.aborted !== true || facts.stateAgeSeconds <= HANGING_SECONDS) return null;
  const message = `An attempt was given up, and has not ended ${Math.round(facts.stateAgeSeconds)} s after it began.`;
  return { what: 'stuck', message, hint };
}

function noIdentity({ inUse, state, lastError }: Facts): Found | null {
  if (inUse !== null || state === 'closing' || state === 'closed') return null;
  const message = `No certificate is in use yet. ${lastError?.message ?? ''}`.trim();
  return { what: 'no-identity', message, hint: lastError?.hint ?? null };
}

function expiry({ inUse }: Facts): Found | null {
  if (inUse === null || inUse.expiry === 'ok') return null;
  const { notAfter, serial } = inUse.certificate;
  const which = `The certificate in use (serial ${serial})`;
  const hint = 'Renew the certificate, and find out why that has not happened by itself.';
  if (inUse.expiry === 'expired') return { what: 'expired', message: `${which} ended ${notAfter}.`, hint };
  const isCritical = inUse.expiry === 'critical';
  const message = `${which} ends ${notAfter}: less than a ${isCritical ? 'tenth' : 'third'} of its lifetime is left.`;
  return { what: isCritical ? 'critical' : 'expiring', message, hint };
}

function inUseFailure({ inUse, inUseFailure: failure }: Facts): Found | null {
  if (inUse === null || failure === null) return null;
  const which = `The certificate in use (serial ${inUse.certificate.serial})`;
  const { verdict, message, hint } = failure;
  return verdict === 'refused'
    ? { what: 'in-use-refused', message: `${which} is not accepted any more. ${message}`, hint }
    : { what: 'in-use-unobtainable', message: `${which} could not be proven again. ${message}`, hint };
}

function held({ candidate }: Facts): Found | null {
  if (candidate === null) return null;
  const { held: why, lastError, certificate } = candidate;
  const which = `The new certificate (serial ${certificate.serial})`;
  const [said, hint] = [lastError?.message ?? '', lastError?.hint ?? null];
  switch (why) {
    case 'refused':
      return { what: why, message: `${which} is refused. ${said}`.trim(), hint };
    case 'unobtainable':
      return { what: why, message: `${which} could not be proven. ${said}`.trim(), hint };
    case 'frozen':
      return {
        what: 'held',
        message: `${which} is not used: the rotation is frozen.`,
        hint: 'Let it go on when the reason is gone (`unfreeze`, or a start without ROTEY_FREEZE).',
      };
    case 'not-yet-valid':
      return {
        what: 'held',
        message: `${which} is not used before ${certificate.notBefore}, when it begins to be valid.`,
        hint: 'Nothing, if that is near; otherwise compare the clocks of this machine and of the issuer.',
      };
    case 'expired':
      return {
        what: 'held',
        message: `${which} is not used: it ended ${certificate.notAfter}.`,
        hint: 'Find out why an old certificate was put in place of the one in use.',
      };
    default:
      return null; // proven in observe mode, or being tried for the first time
  }
}

function unusable({ message, hint }: NonNullable<SourceDocument['problem']>): Found {
  return { what: 'source', message, hint };
}
