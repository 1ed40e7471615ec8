/** The `openssl` command as an independent maker of certificates and keys, in a folder of its own. */
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface CertificateRequest {
  /** As `openssl req -subj` takes it. */
  readonly subject: string;
  /** File of an existing key, as {@link OpenSsl.key} makes it. */
  readonly key: string;
  /** Lines of an openssl extension section; none makes a certificate of version 1. */
  readonly extensions?: readonly string[];
  /** Names of the files of issuer and its key. Default: signed with its own key. */
  readonly issuer?: { readonly certificate: string; readonly key: string };
  /** More arguments of `openssl x509 -req`, for example `['-sha1']`. */
  readonly args?: readonly string[];
}

export class OpenSsl {
  readonly #folder: string = mkdtempSync(path.join(tmpdir(), 'rotey-openssl-'));
  #count = 0;

  run(...args: readonly string[]): Buffer {
    return execFileSync('openssl', args, { cwd: this.#folder, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** A command that goes on running; the caller ends it. */
  start(...args: readonly string[]): ChildProcessWithoutNullStreams {
    return spawn('openssl', args, { cwd: this.#folder });
  }

  read(name: string): string {
    return readFileSync(path.join(this.#folder, name), 'latin1');
  }

  write(name: string, content: string | Uint8Array): string {
    writeFileSync(path.join(this.#folder, name), content);
    return name;
  }

  /** A new private key as PKCS#8; answers with the file's name. Default: EC P-256. */
  key(...genpkey: readonly string[]): string {
    const name = `key-${++this.#count}.pem`;
    const what = genpkey.length > 0 ? genpkey : ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'];
    this.run('genpkey', ...what, '-out', name);
    return name;
  }

  /** A new certificate; answers with the file's name. */
  certificate({ subject, key, extensions = [], issuer, args = [] }: CertificateRequest): string {
    const name = `certificate-${++this.#count}.pem`;
    this.run('req', '-new', '-utf8', '-key', key, '-subj', subject, '-out', `${name}.csr`);
    const extfile = this.write(`${name}.ext`, `[x]\n${extensions.join('\n')}\n`);
    this.run(
      ...['x509', '-req', '-in', `${name}.csr`, '-days', '30', '-out', name],
      ...(issuer === undefined ? ['-signkey', key] : ['-CA', issuer.certificate, '-CAkey', issuer.key]),
      ...(issuer === undefined || args.includes('-set_serial') ? [] : ['-CAcreateserial']),
      ...(extensions.length === 0 ? [] : ['-extfile', extfile, '-extensions', 'x']),
      ...args,
    );
    return name;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** What an authority's certificate needs to say. */
export const CA_EXTENSIONS: readonly string[] = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign'];

/** What the certificate of a client needs to say. */
export const LEAF_EXTENSIONS: readonly string[] = [
  'basicConstraints=critical,CA:FALSE',
  'keyUsage=critical,digitalSignature',
  'extendedKeyUsage=clientAuth',
];
