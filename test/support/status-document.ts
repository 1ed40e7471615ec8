import type { CertificateDocument, RotationDocument, SourceDocument, StatusDocument } from '../../src/observe/index.ts';

export const CERTIFICATE: CertificateDocument = {
  subject: 'O=Example, CN=worker',
  issuer: 'O=Example, CN=ca',
  serial: '0A1B',
  fingerprint: '0123456789abcdef0123456789abcdef01234567',
  sha256: '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
  notBefore: '2026-01-01T00:00:00.000Z',
  notAfter: '2026-01-02T00:00:00.000Z',
};

/** A source in order. */
export function sourceDocument(other: Partial<SourceDocument> = {}): SourceDocument {
  return {
    name: 'orders',
    description: '/certs/tls.crt, /certs/tls.key',
    noticedBy: 'events',
    onDisk: CERTIFICATE,
    lastReadAt: '2026-01-01T12:00:00.000Z',
    lastGoodAt: '2026-01-01T12:00:00.000Z',
    lastChangeAt: '2026-01-01T00:00:00.000Z',
    problem: null,
    ...other,
  };
}

/** A rotation in order. */
export function rotationDocument(other: Partial<RotationDocument> = {}): RotationDocument {
  return {
    name: 'orders',
    address: 'localhost:7233',
    consumer: 'watch',
    mode: 'rotate',
    frozen: false,
    state: 'serving',
    stateSince: '2026-01-01T00:00:01.000Z',
    stateAgeSeconds: 43_199,
    heartbeatAgeSeconds: 3,
    inUse: { generation: 1, certificate: CERTIFICATE, since: '2026-01-01T00:00:01.000Z', expiry: 'ok' },
    inUseFailure: null,
    candidate: null,
    attempt: null,
    lastAttemptAt: '2026-01-01T00:00:00.000Z',
    lastSuccessAt: '2026-01-01T00:00:01.000Z',
    lastError: null,
    consecutiveFailures: 0,
    nextAction: { what: 'look', at: '2026-01-01T16:00:00.000Z' },
    draining: [],
    ...other,
  };
}

/** Of a process in order. */
export function statusDocument(other: Partial<StatusDocument> = {}): StatusDocument {
  return {
    ...{ schema: 1, version: '0.1.0', consumer: 'watch', pid: 42, at: '2026-01-01T12:00:00.000Z' },
    ...{ healthy: true, ready: true, problems: [], sources: [sourceDocument()], rotations: [rotationDocument()] },
    ...other,
  };
}
