/**
 * The certificates of a sandbox and their files.
 *
 * @module
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CertificateAuthority, createAuthority, type IssuedLeaf, issueLeaf } from '../pki/index.ts';

/** Paths of what the sandbox writes. All in its directory. */
export interface SandboxFiles {
  /** The CA of the server's certificate: what clients have to trust. */
  readonly serverCa: string;
  readonly serverCertificate: string;
  readonly serverKey: string;
  /** The CA of the client certificates that the sandbox issues. */
  readonly clientCa: string;
  /** Every CA whose client certificates the server accepts; see {@link Sandbox.setClientCas}. */
  readonly acceptedClientCas: string;
  /** Of the server's own worker. */
  readonly systemCertificate: string;
  readonly systemKey: string;
}

export interface SandboxCredentials {
  readonly clientAuthority: CertificateAuthority;
  readonly serverCaPem: string;
  /** The CA of the server's own worker: without it the service would lock itself out. */
  readonly systemCaPem: string;
  readonly files: SandboxFiles;
}

/** The names in the server's certificate. */
export const SERVER_NAME = 'localhost';
/** The common name in the certificate of the server's own worker. */
export const SYSTEM_COMMON_NAME = 'rotey sandbox: system worker';

const DAY_MS = 24 * 60 * 60 * 1000;
/** A little less than the life of the authorities: a sandbox that outlives its certificates is none. */
const SERVER_LIFETIME_MS = 364 * DAY_MS;
/** So that leaves which have expired, or began long ago, can be issued in tests. */
const CLIENT_AUTHORITY_BACKDATE_MS = 30 * DAY_MS;

/** Creates three authorities, which have nothing to do with each other, and what the server needs of them. */
export async function createCredentials(directory: string): Promise<SandboxCredentials> {
  const clientAuthority = await createAuthority({
    commonName: 'rotey sandbox: client CA',
    backdateMs: CLIENT_AUTHORITY_BACKDATE_MS,
  });
  const serverAuthority = await createAuthority({ commonName: 'rotey sandbox: server CA' });
  const systemAuthority = await createAuthority({ commonName: 'rotey sandbox: system CA' });
  const server = await issueLeaf(serverAuthority, {
    commonName: SERVER_NAME,
    usage: 'server',
    dnsNames: [SERVER_NAME, 'frontend'],
    ipAddresses: ['127.0.0.1', '::1'],
    lifetimeMs: SERVER_LIFETIME_MS,
  });
  const system = await issueLeaf(systemAuthority, {
    commonName: SYSTEM_COMMON_NAME,
    usage: 'client',
    lifetimeMs: SERVER_LIFETIME_MS,
  });
  const files = filesIn(directory);
  await Promise.all([
    writeFile(files.clientCa, clientAuthority.certificatePem),
    writeFile(files.serverCa, serverAuthority.certificatePem),
    writePair(files.serverCertificate, files.serverKey, server),
    writePair(files.systemCertificate, files.systemKey, system),
  ]);
  return {
    clientAuthority,
    serverCaPem: serverAuthority.certificatePem,
    systemCaPem: systemAuthority.certificatePem,
    files,
  };
}

function filesIn(directory: string): SandboxFiles {
  const path = (name: string) => join(directory, name);
  return Object.freeze({
    serverCa: path('server-ca.crt'),
    serverCertificate: path('server.crt'),
    serverKey: path('server.key'),
    clientCa: path('client-ca.crt'),
    acceptedClientCas: path('accepted-client-cas.crt'),
    systemCertificate: path('system.crt'),
    systemKey: path('system.key'),
  });
}

async function writePair(certificate: string, key: string, leaf: IssuedLeaf): Promise<void> {
  await writeFile(certificate, leaf.chainPem);
  await writeFile(key, leaf.revealPrivateKey(), { mode: 0o600 });
}
