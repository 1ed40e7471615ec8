import { get, type IncomingMessage } from 'node:http';
import { type Clock, systemClock, Timer } from '../clock.ts';
import { RoteyError } from '../errors.ts';
import { callControl } from './control-client.ts';
import { DEFAULT_HEALTH_ADDRESS } from './health-listener.ts';
import { parseListenAddress } from './listen-address.ts';
import type { StatusDocument } from './status-document.ts';
import { connectionFailed, unreachable } from './unreachable.ts';

export interface FetchStatusOptions {
  /** `host:port` of a health listener. Default: where one listens by default. */
  readonly healthAddress?: string | undefined;
  /** Of a control socket, instead. */
  readonly controlSocket?: string | undefined;
  /** In milliseconds. Default: 5,000. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}

const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Asks a running rotey for its status document.
 *
 * @throws {RoteyError} `ROTEY_STATUS_UNREACHABLE` when nobody answers, `ROTEY_STATUS_INVALID` when what answers has no
 * status document that is understood here
 * @throws the signal's reason when it aborts
 */
export async function fetchStatus(options: FetchStatusOptions = {}): Promise<StatusDocument> {
  const { controlSocket, healthAddress = DEFAULT_HEALTH_ADDRESS, timeoutMs = 5000, signal, clock } = options;
  const value =
    controlSocket === undefined
      ? await fetchFromListener(healthAddress, timeoutMs, signal, clock ?? systemClock)
      : await callControl(controlSocket, 'status', { timeoutMs, signal, clock });
  return checked(value, controlSocket ?? healthAddress);
}

async function fetchFromListener(
  address: string,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  clock: Clock,
): Promise<unknown> {
  signal?.throwIfAborted();
  const { host = 'localhost', port } = parseListenAddress(address);
  const late = new AbortController();
  const timer = new Timer(clock, () => late.abort(unreachable(address, `no answer within ${timeoutMs / 1000} s`)));
  timer.set(timeoutMs);
  const stop = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]);
  try {
    return parse(await body(await request(host, port, stop)), address);
  } catch (error) {
    if (stop.aborted) throw stop.reason;
    throw error instanceof RoteyError ? error : connectionFailed(address, error);
  } finally {
    timer.clear();
  }
}

function request(host: string, port: number, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get({ host, port, path: '/status', agent: false, signal }, resolve).once('error', reject);
  });
}

async function body(response: IncomingMessage): Promise<{ readonly code: number | undefined; readonly text: string }> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new Error(`more than ${MAX_BYTES} bytes`);
  }
  return { code: response.statusCode, text: Buffer.concat(chunks).toString('utf8') };
}

function parse({ code, text }: { readonly code: number | undefined; readonly text: string }, address: string): unknown {
  if (code === 421) throw invalid(address, text.trim(), 'Add the host name to allowedHosts, or ask by address.');
  if (code !== 200) throw invalid(address, `it answers with HTTP status ${code}`);
  try {
    return JSON.parse(text);
  } catch {
    throw invalid(address, 'it answers with something that is not JSON');
  }
}

/** As far as somebody else's answer has to be looked at: a newer rotey may say more, and what it says is understood. */
function checked(value: unknown, where: string): StatusDocument {
  const document = (typeof value === 'object' ? value : null) as Partial<StatusDocument> | null;
  const schema: unknown = document?.schema;
  if (typeof schema !== 'number') throw invalid(where, 'it answers with no status document');
  if (schema !== 1) throw invalid(where, `it answers with schema ${schema}, and only 1 is understood here`);
  for (const key of ['problems', 'sources', 'rotations'] as const) {
    if (!Array.isArray(document?.[key])) throw invalid(where, `its status document has no ${key}`);
  }
  return document as StatusDocument;
}

function invalid(
  where: string,
  why: string,
  hint = 'Check that this is rotey, and use the same version of rotey on both sides.',
): RoteyError {
  return new RoteyError('ROTEY_STATUS_INVALID', `No status of rotey at ${where}: ${why.replace(/\.$/, '')}.`, {
    hint,
    context: { where },
  });
}
