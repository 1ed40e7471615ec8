import { join } from 'node:path';
import { publishPair } from '../../pki/index.ts';
import type { Sandbox } from '../../sandbox/index.ts';

/** What somebody needs to connect to a sandbox: printed as it is by `rotey sandbox --json`. */
export interface SandboxHandout {
  readonly address: string;
  readonly namespaces: readonly string[];
  readonly serverName: string;
  readonly directory: string;
  readonly certPath: string;
  readonly keyPath: string;
  readonly serverCaPath: string;
  /** Of the server. */
  readonly pid: number | undefined;
  /** What `temporal` and the SDKs' envconfig read. */
  readonly env: Readonly<Record<string, string>>;
}

/** A sandbox is left running for days on somebody's machine; the default of 24 hours would end that. */
const CLIENT_LIFETIME_MS = 30 * 24 * 60 * 60 * 1000;

/** Issues a client certificate into the sandbox's directory, laid out as a cert-manager volume. */
export async function writeHandout(sandbox: Sandbox): Promise<SandboxHandout> {
  const leaf = await sandbox.issueClient({ lifetimeMs: CLIENT_LIFETIME_MS });
  const { certificatePath: certPath, keyPath } = await publishPair(join(sandbox.directory, 'client'), {
    certificatePem: leaf.chainPem,
    privateKeyPem: leaf.revealPrivateKey(),
  });
  const { address, namespaces, serverName, directory, pid } = sandbox;
  const serverCaPath = sandbox.files.serverCa;
  const env = {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespaces[0] ?? 'default',
    TEMPORAL_TLS_CLIENT_CERT_PATH: certPath,
    TEMPORAL_TLS_CLIENT_KEY_PATH: keyPath,
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: serverCaPath,
  };
  return { address, namespaces, serverName, directory, certPath, keyPath, serverCaPath, pid, env };
}
