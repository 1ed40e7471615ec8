import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { LeafOptions } from '../../pki/index.ts';
import { type CertificateAuthority, type IssuedLeaf, issueLeaf } from '../../pki/index.ts';
import { createTestPki, type TestPki } from '../../probe/testing/servers.ts';
import type { CauseCode } from '../causes.ts';
import { type CheckOptions, runCheck } from '../check.ts';
import type { CheckReport } from '../check-report.ts';
import type { CheckSubject } from '../subject.ts';

/** How one cause comes about, for real. */
export interface Scenario {
  readonly code: CauseCode;
  /** Where one cause has several scenarios: what is particular about this one. */
  readonly as?: string;
  readonly run: (t: TestContext, stage: Stage) => Promise<CheckReport>;
}

/** What scenarios need: certificates, and a folder for the files of one test. */
export interface Stage {
  readonly pki: TestPki;
  /** A client that the server knows. */
  readonly leaf: IssuedLeaf;
  /** A client of an authority that nobody knows. */
  readonly strangersLeaf: IssuedLeaf;
}

export async function setStage(): Promise<Stage> {
  const pki = await createTestPki();
  return { pki, leaf: await issueClient(pki.authority), strangersLeaf: await issueClient(pki.stranger) };
}

export async function issueClient(
  authority: CertificateAuthority,
  options: Partial<LeafOptions> = {},
): Promise<IssuedLeaf> {
  return await issueLeaf(authority, { commonName: 'worker', ...options, usage: 'client' });
}

/** A server's key and certificate, without the authority that Node would add to the chain. */
export async function issueServer(
  authority: CertificateAuthority,
  options: Partial<LeafOptions> = {},
): Promise<{ readonly key: string; readonly cert: string; readonly ca: undefined; readonly requestCert: boolean }> {
  const leaf = await issueLeaf(authority, {
    commonName: 'frontend',
    usage: 'server',
    dnsNames: ['localhost', 'frontend'],
    ipAddresses: ['127.0.0.1'],
    ...options,
  });
  return { key: leaf.revealPrivateKey(), cert: leaf.certificatePem, ca: undefined, requestCert: false };
}

/** A pair in texts, as settings may hold it: most scenarios are not about files. */
export function inline(leaf: IssuedLeaf): Pick<CheckSubject, 'certificate' | 'key'> {
  return {
    certificate: { pem: leaf.chainPem, name: 'the certificate' },
    key: { pem: leaf.revealPrivateKey(), name: 'the key' },
  };
}

export function trusting(...pems: readonly string[]): Pick<CheckSubject, 'trust'> {
  return { trust: { pem: pems.join('\n'), name: 'the CA bundle' } };
}

/** Files with these contents, in a folder of their own. Answers with the path of each. */
export async function writeFiles<K extends string>(
  t: TestContext,
  contents: Readonly<Record<K, string | Uint8Array>>,
): Promise<Readonly<Record<K, string>>> {
  const folder = await mkdtemp(join(tmpdir(), 'rotey-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const entries = Object.entries<string | Uint8Array>(contents);
  for (const [name, content] of entries) await writeFile(join(folder, name), content);
  // The same keys, in the same order.
  return Object.fromEntries(entries.map(([name]) => [name, join(folder, name)])) as Record<K, string>;
}

/** Checks with defaults that suit most scenarios. */
export async function check(
  subject: Partial<CheckSubject> & Pick<CheckSubject, 'address'>,
  options: CheckOptions = {},
): Promise<CheckReport> {
  return await runCheck({ namespace: 'default', ...subject }, options);
}
