import type { CheckReport } from './check-report.ts';

/** What a user can hand to support: a check with what surrounds it. Holds no secret. */
export interface SupportReport {
  readonly schema: 1;
  readonly writtenBy: string;
  /** Versions of Node, OpenSSL and the system. */
  readonly versions: Readonly<Record<string, string>>;
  /** Every setting with its origin; secrets are replaced. */
  readonly settings: readonly Readonly<Record<string, string>>[];
  readonly warnings: readonly string[];
  /** The variables that take part in connections: the value where it cannot be secret, else `[set]`. */
  readonly environment: Readonly<Record<string, string>>;
  readonly check: CheckReport;
}

export interface SupportCircumstances {
  readonly writtenBy: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly settings: SupportReport['settings'];
  readonly warnings: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Puts together the file of `--report`. */
export function makeSupportReport(check: CheckReport, { env, ...rest }: SupportCircumstances): SupportReport {
  return { schema: 1, ...rest, environment: describeEnvironment(env), check };
}

/** Variables that change how a connection is made, here or in an SDK. */
const RELEVANT =
  /^(?:TEMPORAL_|ROTEY_|SSL_CERT_|GRPC_|NODE_EXTRA_CA_CERTS$|NODE_OPTIONS$|NODE_TLS_REJECT_UNAUTHORIZED$|(?:https?|all|no|grpc)_proxy$)/i;

/** Those of them whose values are names of places and of things. */
const OPEN: ReadonlySet<string> = new Set([
  'TEMPORAL_ADDRESS',
  'TEMPORAL_NAMESPACE',
  'TEMPORAL_PROFILE',
  'TEMPORAL_CONFIG_FILE',
  'TEMPORAL_TLS',
  'TEMPORAL_TLS_SERVER_NAME',
  'TEMPORAL_TLS_DISABLE_HOST_VERIFICATION',
  'ROTEY_FREEZE',
  'ROTEY_DEBUG',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_EXTRA_CA_CERTS',
  'NODE_TLS_REJECT_UNAUTHORIZED',
  'NO_PROXY',
  'no_proxy',
]);

/** Even there, what does not look like a name of something may be anything. */
const PLAIN = /^[\w@:,./\\ *-]{1,200}$/;

function describeEnvironment(env: SupportCircumstances['env']): Readonly<Record<string, string>> {
  const entries = Object.entries(env).filter(([name, value]) => RELEVANT.test(name) && value !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    entries.map(([name, value = '']) => [name, OPEN.has(name) && PLAIN.test(value) ? value : '[set]']),
  );
}
