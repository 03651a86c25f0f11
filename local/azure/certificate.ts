import { generate } from 'selfsigned';

export interface Certificate {
  readonly key: string;
  /** PEM; the certificate is its own authority, so it serves as `ca` and in NODE_EXTRA_CA_CERTS. */
  readonly cert: string;
}

/** Makes a certificate for localhost and 127.0.0.1 that lives as long as the process and is never written down. */
export const makeCertificate = async (): Promise<Certificate> => {
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return { key: made.private, cert: made.cert };
};
