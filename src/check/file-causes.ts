import { known } from './cause.ts';

/** What is found before anybody is asked: files, and the pair that they make up. */
export const FILE_CAUSES = Object.freeze({
  ROTEY_FILE_MISSING: known(
    'files',
    'A file that the settings name does not exist.',
    'Correct the path (`-v` says where it comes from), or have the issuer write the file.',
  ),
  ROTEY_FILE_UNREADABLE: known(
    'files',
    'A file is there and cannot be read.',
    'Make it a regular file that the user of this process may read; on Kubernetes by fsGroup, or fs-group of the csi-driver.',
  ),
  ROTEY_FILE_TOO_LARGE: known(
    'files',
    'A file is far larger than any certificate or key.',
    'Name the PEM file of the pair; a log, a device or a bundle of all roots is not it.',
  ),
  ROTEY_FILE_CHANGING: known(
    'files',
    'The files change faster than they can be read whole.',
    'Stop the process that rewrites them in a loop; an issuer writes once and then rests.',
  ),
  ROTEY_PEM_TRUNCATED: known(
    'pair',
    'A file ends in the middle of a PEM block, and it stays like that.',
    'Write the file again, whole: under another name first, then renamed. A copy may have been cut short by a full disk.',
  ),
  ROTEY_PEM_MALFORMED: known(
    'pair',
    'A file is not PEM.',
    'Convert it: `openssl x509 -inform DER -in FILE -out NEW`, or `openssl pkey`; check it for UTF-16.',
  ),
  ROTEY_PEM_NO_CERTIFICATE: known(
    'pair',
    'There is no certificate in the certificate file.',
    'Check that certificate and key are not exchanged, and that the file is not empty.',
  ),
  ROTEY_PEM_NO_KEY: known(
    'pair',
    'There is no private key in the key file.',
    'Name the file of the key; a certificate or a public key cannot stand in for it.',
  ),
  ROTEY_CERTIFICATE_MALFORMED: known(
    'pair',
    'A block that is labelled as a certificate does not hold one.',
    'Write the certificate again from its source; `openssl x509 -in FILE -noout -text` checks it.',
  ),
  ROTEY_KEY_MALFORMED: known(
    'pair',
    'The private key is damaged.',
    'Write the key again from its source, or issue a new pair; `openssl pkey -in FILE -noout -check` checks it.',
  ),
  ROTEY_KEY_UNSUPPORTED: known(
    'pair',
    'The private key is of a kind or in a format that TLS cannot use here.',
    'Issue the pair with ECDSA P-256 or RSA of 2,048 bits or more, and write the key as PKCS#8.',
  ),
  ROTEY_KEY_AMBIGUOUS: known(
    'pair',
    'Several keys in the file belong to certificates in it.',
    'Keep one pair in the file and put the others into files of their own.',
  ),
  ROTEY_KEY_PASSPHRASE_MISSING: known(
    'pair',
    'The private key is encrypted, and no passphrase is set.',
    'Set --tls-key-passphrase-file or ROTEY_KEY_PASSPHRASE. SDK Workers take unencrypted keys only: give them one of mode 0600.',
  ),
  ROTEY_KEY_PASSPHRASE_WRONG: known(
    'pair',
    'The passphrase does not open the private key.',
    'Check the passphrase for an old value and for a blank or a second line end behind it.',
  ),
  ROTEY_PAIR_MISMATCH: known(
    'pair',
    'The private key does not belong to the certificate.',
    'Find the key that was made with the certificate, or issue a new pair; compare where both settings come from (`-v`).',
  ),
  ROTEY_TRUST_MALFORMED: known(
    'pair',
    'The CA bundle for the server holds no certificate, or one that cannot be read.',
    'Put the CA certificates of the server there as PEM; leave --tls-ca-path out for Temporal Cloud and public CAs.',
  ),
});
