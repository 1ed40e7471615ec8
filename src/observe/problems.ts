/**
 * What a status document may complain about. docs/reference/status.md is made from this table.
 *
 * @module
 */

interface ProblemKind {
  /** `error`: `rotey status` ends with exit code 3. `warning`: worth knowing, and nothing is lost yet. */
  readonly severity: 'error' | 'warning';
  /** For the docs. */
  readonly meaning: string;
}

export const PROBLEMS = Object.freeze({
  stuck: error(
    'the loop of a rotation has not run for 60 s (then `/healthz` fails), or an attempt was given up and does not end; restart the process',
  ),
  'no-identity': error('nothing is in use yet'),
  expired: error('the certificate in use has ended'),
  critical: error('a tenth of the lifetime of the certificate in use is left'),
  refused: error('the server does not accept the new certificate; the one in use stays'),
  'in-use-refused': error('the server does not accept the certificate in use any more; open connections may live on'),
  source: error('what is read is no usable pair; the last good one stays'),
  expiring: warning('a third of the lifetime of the certificate in use is left'),
  unobtainable: warning('the new certificate could not be proven (network, server down); the one in use stays'),
  'in-use-unobtainable': warning('whether the certificate in use is still accepted could not be found out'),
  held: warning('the new certificate is not used: not yet valid, expired, or frozen'),
});

export type ProblemName = keyof typeof PROBLEMS;

function error(meaning: string): ProblemKind {
  return Object.freeze({ severity: 'error', meaning });
}

function warning(meaning: string): ProblemKind {
  return Object.freeze({ severity: 'warning', meaning });
}
