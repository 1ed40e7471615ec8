import { nameText } from '../identity/index.ts';
import { fetchServerFlight } from '../probe/index.ts';
import type { ReadInput, ReadInputOptions } from './entry.ts';
import { materialOf } from './read-material.ts';

/** What a server says in its handshake, besides its certificates. */
export interface ServerFacts {
  readonly address: string;
  readonly protocol: 'TLSv1.2' | 'TLSv1.3';
  readonly asksForClientCertificate: boolean;
  /** Distinguished names of the CAs whose client certificates it says that it takes. Servers need not name any. */
  readonly acceptedClientCas: readonly string[];
}

/** Reads the chain that a server presents. @throws {RoteyError} what `fetchServerFlight` throws */
export async function readServer(address: string, options: ReadInputOptions): Promise<ReadInput> {
  const { serverName, signal, clock } = options;
  const flight = await fetchServerFlight({ address, serverName }, { signal, clock });
  const server = {
    address,
    protocol: flight.protocol,
    asksForClientCertificate: flight.acceptedCas !== undefined,
    acceptedClientCas: (flight.acceptedCas ?? []).map(nameOrBytes),
  };
  const material = materialOf(flight.certificates, address);
  const entry = { where: address, pairing: `server ${address}`, named: false, ofServer: true };
  return {
    ...{ input: address, kind: 'server', server, skipped: [] },
    entries: [{ ...entry, material, problem: undefined }],
  };
}

/** What a server sends need not be a name. */
function nameOrBytes(der: Uint8Array): string {
  return nameText(der) ?? `#${Buffer.from(der).toString('hex').slice(0, 64)}`;
}
