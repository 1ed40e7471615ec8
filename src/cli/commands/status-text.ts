/** A status document for people. */
import { describeDuration } from '../../identity/index.ts';
import type { CertificateDocument, RotationDocument, SourceDocument, StatusDocument } from '../../observe/index.ts';
import type { Paint } from '../paint.ts';

/** What went wrong comes first; then each source, and each of its rotations. */
export function formatStatus(document: StatusDocument, paint: Paint): string {
  const { version, consumer, pid, problems, sources, rotations } = document;
  const now = Date.parse(document.at);
  const lines = [`rotey ${version}, ${consumer}, process ${pid}, ${document.at}`];
  for (const { severity, name, address, message, hint } of problems) {
    const about = address === null ? name : `${name}, ${address}`;
    lines.push('', `${severity === 'error' ? paint('red', 'error') : paint('bold', 'warning')}  ${about}: ${message}`);
    if (hint !== null) lines.push(`  ${hint}`);
  }
  for (const source of sources) {
    lines.push('', `${paint('bold', source.name)}  ${source.description}`, ...sourceLines(source, now));
    for (const rotation of rotations.filter(({ name }) => name === source.name)) {
      lines.push('', `${paint('bold', source.name)}  ${rotation.address}`, ...rotationLines(rotation, now, paint));
    }
  }
  if (rotations.length === 0) lines.push('', 'Nothing is connected yet.');
  else if (problems.length === 0) lines.push('', paint('green', 'All is well.'));
  return lines.join('\n');
}

function sourceLines({ onDisk, noticedBy, lastReadAt, lastChangeAt, problem }: SourceDocument, now: number): string[] {
  return rows([
    ['on disk', onDisk === null ? 'no usable pair yet' : certificate(onDisk, now)],
    ['noticed by', noticedBy],
    ['changed', lastChangeAt && moment(lastChangeAt, now)],
    ['last look', lastReadAt && moment(lastReadAt, now)],
    ['problem', problem && `${problem.code} since ${moment(problem.since, now)}`],
  ]);
}

function rotationLines(rotation: RotationDocument, now: number, paint: Paint): string[] {
  const { state, stateSince, mode, frozen, inUse, inUseFailure, candidate, lastError, nextAction } = rotation;
  const flags = [mode === 'observe' ? 'observes only' : '', frozen ? 'frozen' : ''].filter((flag) => flag !== '');
  return rows([
    ['state', [`${state} since ${moment(stateSince, now)}`, ...flags].join(', ')],
    ['in use', inUse === null ? 'nothing' : certificate(inUse.certificate, now)],
    ['', inUse && `generation ${inUse.generation} since ${moment(inUse.since, now)}`],
    ['', inUseFailure && `${failing(inUseFailure, paint)} since ${moment(inUseFailure.since, now)}`],
    ['waiting', candidate && certificate(candidate.certificate, now)],
    ['', candidate && `${held(candidate, paint)}, seen ${moment(candidate.seenAt, now)}`],
    ['last success', rotation.lastSuccessAt && moment(rotation.lastSuccessAt, now)],
    ['last error', lastError && `${lastError.code} ${moment(lastError.at, now)}: ${lastError.message}`],
    ['', lastError?.hint],
    ['next', nextAction && `${nextAction.what} ${moment(nextAction.at, now)}`],
    ...rotation.draining.map(
      ({ generation, deadline }): Row => [
        'draining',
        `generation ${generation}, at most until ${moment(deadline, now)}`,
      ],
    ),
  ]);
}

function failing({ verdict }: NonNullable<RotationDocument['inUseFailure']>, paint: Paint): string {
  return verdict === 'refused' ? paint('red', 'refused when proven again') : 'could not be proven again';
}

function held({ held: why, failures }: NonNullable<RotationDocument['candidate']>, paint: Paint): string {
  const tries = failures === 0 ? '' : ` (${failures} failed attempt${failures === 1 ? '' : 's'})`;
  if (why === null) return 'being tried';
  return why === 'rehearsed'
    ? 'proven, not used (observe mode)'
    : `held: ${why === 'refused' ? paint('red', why) : why}${tries}`;
}

function certificate({ subject, serial, notAfter }: CertificateDocument, now: number): string {
  return `${subject}, serial ${serial}, until ${moment(notAfter, now)}`;
}

type Row = readonly [label: string, text: string | null | undefined];

/** Those that have something to say, with their labels in a column. */
function rows(all: readonly Row[]): string[] {
  return all.flatMap(([label, text]) => (text === null || text === undefined ? [] : [`  ${label.padEnd(13)} ${text}`]));
}

/** `2026-01-01T00:00:00Z (in 4 min 10 s)`, as seen from the clock of whoever was asked. */
function moment(iso: string, now: number): string {
  const ms = Date.parse(iso) - now;
  const text = iso.replace('.000Z', 'Z');
  return ms > 0 ? `${text} (in ${describeDuration(ms)})` : `${text} (${describeDuration(-ms)} ago)`;
}
