import type { Readable } from 'node:stream';
import { type Clock, systemClock } from '../clock.ts';
import { summarizeError } from '../errors.ts';
import type { FindingRules, Severity } from '../identity/index.ts';
import { unlessAborted } from '../unless-aborted.ts';
import { Collection } from './collection.ts';
import { describeCertificateOf, describeKeys } from './describe-entry.ts';
import type { Entry, ReadInput } from './entry.ts';
import { type JudgeOptions, judgeEntry, judgeKeys, sortEntry } from './judge-entry.ts';
import { type InspectInput, readInput } from './read-input.ts';
import { type EntryReport, type InputReport, type InspectReport, REPORT_SCHEMA } from './report.ts';

export interface InspectOptions {
  /** Default: `server`. */
  readonly rules?: FindingRules | undefined;
  /** What to take files and stdin for. Default: by their contents; CAs alone are a bundle. */
  readonly role?: 'leaf' | 'ca-bundle' | undefined;
  /** A certificate that ends within this time, in milliseconds, is an error. Default: one that has ended. */
  readonly expiresWithinMs?: number | undefined;
  /** For encrypted keys; without it, whether they belong to a certificate is not known. */
  readonly passphrase?: string | undefined;
  /** What `stdin` reads. */
  readonly stdin?: Readable | undefined;
  /** The server name (SNI) to ask servers for. Default: the host of each address. */
  readonly serverName?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Default: the system's clock. */
  readonly clock?: Clock | undefined;
}

/**
 * Looks at certificates and keys wherever they are, and says what they are, whether they belong together and what is
 * wrong with them. Keys and issuers are looked for in all inputs together. Changes nothing.
 *
 * What cannot be read is reported, and does not keep the rest from being looked at.
 *
 * @throws the signal's reason, at once, when it aborts.
 */
export async function inspectInputs(
  inputs: readonly InspectInput[],
  { clock = systemClock, rules = 'server', role, expiresWithinMs, ...options }: InspectOptions = {},
): Promise<InspectReport> {
  const { passphrase, stdin, serverName, signal } = options;
  const read: ReadInput[] = [];
  for (const input of inputs) {
    const reading = readInput(input, { passphrase, stdin, serverName, signal, clock });
    read.push(await unlessAborted(reading, signal)); // a file system may not answer
  }
  const collection = new Collection(read);
  const judging = { nowMs: clock.now(), rules, expiresWithinMs };
  const reports = read.map((input) => reportInput(input, collection, role, judging));
  return {
    schema: REPORT_SCHEMA,
    inspectedAt: new Date(judging.nowMs).toISOString(),
    rules,
    worst: worstOf(reports),
    inputs: reports,
  };
}

function reportInput(
  { input, kind, layout, server, entries, skipped, problem }: ReadInput,
  collection: Collection,
  role: InspectOptions['role'],
  judging: JudgeOptions,
): InputReport {
  return {
    input,
    kind,
    ...(layout === undefined ? {} : { layout }),
    ...(server === undefined ? {} : { server }),
    entries: entries.map((entry) => reportEntry(entry, collection, role, judging)),
    skipped,
    ...(problem === undefined ? {} : { error: summarizeError(problem) }),
  };
}

function reportEntry(
  entry: Entry,
  collection: Collection,
  asked: InspectOptions['role'],
  judging: JudgeOptions,
): EntryReport {
  const { where, material, problem } = entry;
  const sorted = sortEntry(entry, collection, asked);
  return {
    where,
    role: sorted.role,
    certificates: (material?.certificates ?? []).map((certificate) =>
      describeCertificateOf(certificate, entry, sorted, collection, judging.nowMs),
    ),
    keys: describeKeys(entry, collection),
    findings: [...judgeKeys(entry, collection), ...judgeEntry(entry, sorted, collection, judging)],
    ...(problem === undefined ? {} : { error: summarizeError(problem) }),
  };
}

const ORDER: readonly Severity[] = ['error', 'warning', 'info'];

function worstOf(inputs: readonly InputReport[]): Severity | 'none' {
  const unread = inputs.some(({ error, entries }) => error !== undefined || entries.some((entry) => entry.error));
  if (unread) return 'error';
  const found = new Set(inputs.flatMap(({ entries }) => entries.flatMap(({ findings }) => findings)).map(severityOf));
  return ORDER.find((severity) => found.has(severity)) ?? 'none';
}

function severityOf({ severity }: { readonly severity: Severity }): Severity {
  return severity;
}
