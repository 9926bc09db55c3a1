/** A certificate that no authority gave: for `localhost` and the names given. Clients warn of it, other mail servers take it. */
import { generate } from 'selfsigned';
import type { CertificatePair } from '../mail/ports/certificates.ts';

/** Apple's clients take no server certificate that is valid for longer. */
const maxValidDays = 825;
const dayMs = 86_400_000;

export async function signedByItself(
  hostnames: readonly string[],
  { validDays = maxValidDays }: { readonly validDays?: number } = {},
): Promise<CertificatePair> {
  const names = [...new Set(['localhost', ...hostnames])];
  const { cert: certificate, private: key } = await generate(
    [{ name: 'commonName', value: names.at(-1) ?? 'localhost' }],
    {
      keyType: 'ec',
      algorithm: 'sha256',
      notAfterDate: new Date(Date.now() + validDays * dayMs),
      extensions: [
        { name: 'basicConstraints', cA: false, critical: true },
        { name: 'keyUsage', digitalSignature: true, critical: true },
        { name: 'extKeyUsage', serverAuth: true },
        {
          name: 'subjectAltName',
          altNames: [
            ...names.map((value) => ({ type: 2 as const, value })),
            { type: 7 as const, ip: '127.0.0.1' },
            { type: 7 as const, ip: '::1' },
          ],
        },
      ],
    },
  );
  return { certificate, key };
}
