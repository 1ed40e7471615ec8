import type { Clock } from '../clock.ts';
import { RoteyError } from '../errors.ts';
import { type CertificateFacts, nameText, parseCertificate } from '../identity/index.ts';
import { fetchServerFlight, type OtherProtocol, type ProbeTarget, type ServerFlight } from '../probe/index.ts';
import { contextOf } from './evidence.ts';

/** What a server shows to anybody who knocks. Proven by nobody: it explains a failure and decides nothing. */
export type Presented =
  | {
      readonly kind: 'presented';
      readonly protocol: ServerFlight['protocol'];
      readonly alpn: string | undefined;
      /** Everything that the server presented, in its order. Undefined: it cannot be read. */
      readonly chain: readonly (CertificateFacts | undefined)[];
      readonly asksForCertificate: boolean;
      /**
       * The names of the CAs whose certificates it asks for, as `CertificateFacts.subject` writes them. Empty when it
       * names none, which says nothing about which it accepts.
       */
      readonly authorities: readonly string[];
    }
  /** It refuses to go on, though nothing of ours was shown. */
  | { readonly kind: 'alert'; readonly alert: number }
  | { readonly kind: 'not-tls'; readonly speaks: OtherProtocol }
  /** No connection, no answer in time, or the connection ended before all was said. */
  | { readonly kind: 'nothing' };

/** A second look at a server that was reached just now: a few round trips, and nothing is lost when they fail. */
const TIMEOUT_MS = 3_000;

/**
 * Looks at what a server presents, and what it asks of clients, without showing anything of ours. Does not reject for
 * anything that a server can do.
 *
 * @throws the signal's reason, at once, when it aborts.
 */
export async function lookAtServer(
  target: ProbeTarget,
  options: { readonly signal?: AbortSignal | undefined; readonly clock: Clock },
): Promise<Presented> {
  try {
    return describe(await fetchServerFlight(target, { ...options, timeoutMs: TIMEOUT_MS }));
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!(error instanceof RoteyError)) throw error;
    const { alert, speaks } = contextOf(error);
    if (alert !== undefined) return { kind: 'alert', alert };
    return speaks === undefined ? { kind: 'nothing' } : { kind: 'not-tls', speaks };
  }
}

function describe({ protocol, alpn, certificates, acceptedCas }: ServerFlight): Presented {
  return {
    kind: 'presented',
    protocol,
    alpn,
    chain: certificates.map(factsOf),
    asksForCertificate: acceptedCas !== undefined,
    authorities: (acceptedCas ?? []).flatMap((name) => nameText(name) ?? []),
  };
}

function factsOf(der: Uint8Array): CertificateFacts | undefined {
  try {
    return parseCertificate(der).facts;
  } catch (error) {
    if (error instanceof RoteyError) return undefined;
    throw error;
  }
}
