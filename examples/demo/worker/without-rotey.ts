/**
 * The demo's Worker as one usually writes it: the certificate is read once. Compare with-rotey.ts.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { NativeConnection } from '@temporalio/worker';
import { installRuntime, runWorker } from './run-worker.ts';

const {
  TEMPORAL_ADDRESS: address = 'localhost:7233',
  TEMPORAL_TLS_CLIENT_CERT_PATH: certPath = 'tls.crt',
  TEMPORAL_TLS_CLIENT_KEY_PATH: keyPath = 'tls.key',
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: caPath = 'ca.crt',
} = process.env;

installRuntime();
const connection = await NativeConnection.connect({
  address,
  tls: {
    serverRootCACertificate: await readFile(caPath),
    clientCertPair: { crt: await readFile(certPath), key: await readFile(keyPath) },
  },
});
try {
  await runWorker(connection);
} finally {
  await connection.close();
}
