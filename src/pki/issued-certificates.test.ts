/** What other implementations say of issued certificates: openssl, Node, pkijs, and two TLS 1.3 peers. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import * as asn1js from 'asn1js';
import { AuthorityKeyIdentifier, BasicConstraints, Certificate, ExtKeyUsage } from 'pkijs';
import { OIDS } from '../asn1/index.ts';
import {
  type CertificateAuthority,
  createAuthority,
  type IssuedLeaf,
  type IssuingRules,
  issueLeaf,
  type KeyType,
} from './index.ts';

const run = promisify(execFile);

interface Issued {
  readonly root: CertificateAuthority;
  readonly intermediate: CertificateAuthority;
  readonly leaf: IssuedLeaf;
}

async function issueAll(keyType: KeyType, rules: IssuingRules = 'cloud'): Promise<Issued> {
  const root = await createAuthority({ commonName: 'Root', organization: 'Exämple', keyType, rules });
  const intermediate = await createAuthority({
    commonName: 'Intermediate',
    issuer: root,
    keyType,
    rules,
    pathLength: 0,
  });
  const leaf = await issueLeaf(intermediate, {
    commonName: 'wörker ✓',
    organization: 'Example',
    organizationalUnit: 'Orders',
    usage: 'both',
    dnsNames: ['worker.example', '*.workers.example', 'localhost'],
    ipAddresses: ['192.0.2.7', '127.0.0.1', '2001:db8::5:0', '::ffff:192.0.2.1'],
    uris: ['spiffe://example.org/worker'],
    emails: ['worker@example.org'],
    keyType,
    rules,
  });
  return { root, intermediate, leaf };
}

describe('issued certificates, seen by openssl', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rotey-pki-'));
  });
  after(() => rm(directory, { recursive: true }));

  async function openssl(...args: readonly string[]): Promise<string> {
    const { stdout } = await run('openssl', args, { cwd: directory });
    return stdout;
  }

  async function writeAll({ root, intermediate, leaf }: Issued): Promise<void> {
    await writeFile(join(directory, 'root.pem'), root.certificatePem);
    await writeFile(join(directory, 'chain.pem'), leaf.chainPem);
    await writeFile(join(directory, 'intermediate.pem'), intermediate.certificatePem);
    await writeFile(join(directory, 'leaf.pem'), leaf.certificatePem);
  }

  const signatures: readonly [KeyType, string, IssuingRules?][] = [
    ['ec-p256', 'ecdsa-with-SHA256'],
    ['ec-p384', 'ecdsa-with-SHA384'],
    ['ec-p521', 'ecdsa-with-SHA512'],
    ['rsa-2048', 'sha256WithRSAEncryption'],
    ['rsa-3072', 'sha256WithRSAEncryption'],
    ['ed25519', 'ED25519', 'tls'],
  ];
  for (const [keyType, signature, rules] of signatures) {
    it(`verifies a chain of ${keyType} strictly, with the root and leaf.chainPem alone`, async () => {
      await writeAll(await issueAll(keyType, rules));
      for (const purpose of ['sslclient', 'sslserver']) {
        const verified = await openssl(
          ...['verify', '-x509_strict', '-check_ss_sig', '-purpose', purpose, '-CAfile', 'root.pem'],
          ...[
            '-untrusted',
            'chain.pem',
            '-verify_hostname',
            'a.workers.example',
            '-verify_ip',
            '2001:db8::5:0',
            'leaf.pem',
          ],
        );
        assert.match(verified, /leaf\.pem: OK/);
      }
      const shown = await openssl('x509', '-in', 'leaf.pem', '-noout', '-text');
      assert.equal(shown.match(new RegExp(`Signature Algorithm: ${signature}`, 'g'))?.length, 2);
    });
  }

  it('shows the extensions of each kind of certificate as they were asked for', async () => {
    await writeAll(await issueAll('ec-p256'));
    const show = (file: string): Promise<string> =>
      openssl('x509', '-in', file, '-noout', '-text', '-nameopt', 'utf8,sep_comma_plus_space,sname');

    const root = await show('root.pem');
    assert.match(root, /Version: 3/);
    assert.match(root, /Basic Constraints: critical\n\s+CA:TRUE\n/);
    assert.match(root, /Key Usage: critical\n\s+Certificate Sign, CRL Sign\n/);
    assert.match(root, /Subject: O=Exämple, CN=Root/);
    assert.doesNotMatch(root, /Authority Key Identifier/);

    assert.match(await show('intermediate.pem'), /CA:TRUE, pathlen:0\n/);

    const leaf = await show('leaf.pem');
    assert.match(leaf, /Basic Constraints: critical\n\s+CA:FALSE\n/);
    assert.match(leaf, /Key Usage: critical\n\s+Digital Signature\n/);
    assert.match(leaf, /TLS Web Client Authentication, TLS Web Server Authentication\n/);
    assert.match(leaf, /Subject: O=Example, OU=Orders, CN=wörker ✓/);
    assert.match(
      leaf,
      /DNS:worker\.example, DNS:\*\.workers\.example, DNS:localhost, IP Address:192\.0\.2\.7, IP Address:127\.0\.0\.1, IP Address:2001:DB8:0:0:0:0:5:0, IP Address:0:0:0:0:0:FFFF:C000:201, URI:spiffe:\/\/example\.org\/worker, email:worker@example\.org/,
    );
    const types = await openssl('asn1parse', '-in', 'leaf.pem');
    assert.match(types, /commonName\n.*UTF8STRING/);
    assert.match(types, /organizationName\n.*PRINTABLESTRING {3}:Example/);
  });

  it('writes times from 2050 on as GeneralizedTime', async () => {
    const root = await createAuthority({ commonName: 'Old age', notAfterMs: Date.UTC(2050, 0, 1) });
    await writeFile(join(directory, 'root.pem'), root.certificatePem);
    assert.match(await openssl('asn1parse', '-in', 'root.pem'), /UTCTIME.*\n.*GENERALIZEDTIME {3}:20500101000000Z/);
    assert.match(await openssl('verify', '-x509_strict', '-CAfile', 'root.pem', 'root.pem'), /OK/);
  });
});

describe('issued certificates, seen by Node and pkijs', () => {
  it('are issued by their authorities, for Node', async () => {
    const { root, intermediate, leaf } = await issueAll('ec-p256');
    const [r, i, l] = [root, intermediate, leaf].map(({ certificatePem }) => new X509Certificate(certificatePem));
    assert.ok(r !== undefined && i !== undefined && l !== undefined);
    for (const [certificate, issuer] of [[r, r] as const, [i, r] as const, [l, i] as const]) {
      assert.ok(certificate.checkIssued(issuer));
      assert.ok(certificate.verify(issuer.publicKey));
    }
    assert.ok(!l.verify(r.publicKey));
    assert.equal(l.serialNumber, leaf.serial);
    assert.equal(l.checkHost('x.workers.example'), '*.workers.example');
    assert.equal(l.checkIP('2001:db8::5:0'), '2001:db8::5:0');
    assert.equal(l.checkEmail('worker@example.org'), 'worker@example.org');
    assert.equal(Date.parse(l.validTo), leaf.notAfterMs);
    assert.equal(Date.parse(l.validFrom), leaf.notBeforeMs);
  });

  it('hold what pkijs expects of CA and leaf', async () => {
    const { intermediate, leaf } = await issueAll('ec-p256');
    const ca = parse(intermediate.certificatePem);
    const end = parse(leaf.certificatePem);
    assert.equal(end.version, 2, 'X.509 v3');

    const constraints = [ca, end].map((certificate) => parsed(certificate, OIDS.basicConstraints));
    assert.ok(constraints.every((value) => value instanceof BasicConstraints));
    assert.deepEqual(
      constraints.map(({ cA, pathLenConstraint }) => [cA, pathLenConstraint]),
      [
        [true, 0],
        [false, undefined],
      ],
    );
    const purposes = parsed(end, OIDS.extKeyUsage);
    assert.ok(purposes instanceof ExtKeyUsage);
    assert.deepEqual(purposes.keyPurposes, [OIDS.clientAuth, OIDS.serverAuth]);

    const authority = parsed(end, OIDS.authorityKeyIdentifier);
    const subject = parsed(ca, OIDS.subjectKeyIdentifier);
    assert.ok(authority instanceof AuthorityKeyIdentifier && subject instanceof asn1js.OctetString);
    assert.deepEqual(
      authority.keyIdentifier?.valueBlock.valueHexView,
      subject.valueBlock.valueHexView,
      'the leaf names the key of its authority',
    );
  });

  function parse(pem: string): Certificate {
    return Certificate.fromBER(Uint8Array.from(new X509Certificate(pem).raw).buffer);
  }

  function parsed(certificate: Certificate, oid: string): unknown {
    const found = certificate.extensions?.filter(({ extnID }) => extnID === oid) ?? [];
    assert.equal(found.length, 1, `one extension ${oid}`);
    return found[0]?.parsedValue;
  }
});

describe('issued certificates in a TLS 1.3 handshake', () => {
  it('authenticate both sides through an intermediate, where each knows the root alone', async () => {
    const { root, intermediate } = await issueAll('ec-p256');
    const client = await issueLeaf(intermediate, { commonName: 'client', usage: 'client' });
    const server = await issueLeaf(intermediate, { commonName: 'server', usage: 'server', dnsNames: ['localhost'] });
    assert.deepEqual(await handshake({ root, client, server }), { subject: 'client', authorized: true });
  });

  it('are refused when the usage does not fit', async () => {
    const { root, intermediate } = await issueAll('ec-p256');
    const server = await issueLeaf(intermediate, { commonName: 'server', usage: 'server', dnsNames: ['localhost'] });
    const { authorized } = await handshake({ root, client: server, server });
    assert.equal(authorized, false, 'a server leaf does not authenticate a client');
  });

  /** What the server sees of the client. */
  async function handshake(peers: {
    readonly root: CertificateAuthority;
    readonly client: IssuedLeaf;
    readonly server: IssuedLeaf;
  }): Promise<{ readonly subject: string; readonly authorized: boolean }> {
    const shared = { ca: peers.root.certificatePem, minVersion: 'TLSv1.3' } as const;
    const of = (leaf: IssuedLeaf): { cert: string; key: string } => ({
      cert: leaf.chainPem,
      key: leaf.revealPrivateKey(),
    });
    const server = createServer({ ...shared, ...of(peers.server), requestCert: true, rejectUnauthorized: false });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    const accepted: Promise<TLSSocket[]> = once(server, 'secureConnection');
    const socket = connect({ ...shared, ...of(peers.client), port: address.port, servername: 'localhost' });
    try {
      await once(socket, 'secureConnect');
      assert.equal(socket.getProtocol(), 'TLSv1.3');
      assert.ok(socket.authorized);
      const [seen] = await accepted;
      assert.ok(seen !== undefined);
      return { subject: String(seen.getPeerCertificate().subject.CN), authorized: seen.authorized };
    } finally {
      socket.destroy();
      server.close();
      await once(server, 'close');
    }
  }
});
