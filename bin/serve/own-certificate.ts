/** The certificate of a server that was given none: its own, for `localhost` and its names, kept in the data directory. */
import { X509Certificate } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** Apple's clients take no server certificate that is valid for longer. */
const validDays = 825;
const renewDaysBefore = 30;
const dayMs = 86_400_000;

export interface CertificatePaths {
  readonly certificate: string;
  readonly key: string;
}

/** Makes it where there is none, or where the one there lacks a name or ends within a month. */
export async function ownCertificate(
  dataDir: string,
  hostnames: readonly string[],
): Promise<CertificatePaths> {
  const folder = join(dataDir, 'tls');
  const paths = { certificate: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') };
  if (await isGood(paths, hostnames)) return paths;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const names = [...new Set(['localhost', ...hostnames])];
  const pair = await generate([{ name: 'commonName', value: names.at(-1) ?? 'localhost' }], {
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
  });
  await replaceFile(paths.key, pair.private);
  await replaceFile(paths.certificate, pair.cert);
  return paths;
}

async function isGood(
  { certificate, key }: CertificatePaths,
  hostnames: readonly string[],
): Promise<boolean> {
  try {
    await readFile(key);
    const x509 = new X509Certificate(await readFile(certificate));
    const daysLeft = (x509.validToDate.getTime() - Date.now()) / dayMs;
    return daysLeft > renewDaysBefore && hostnames.every((name) => x509.checkHost(name) !== undefined);
  } catch {
    // What is not there or cannot be read is made anew.
    return false;
  }
}

async function replaceFile(path: string, content: string): Promise<void> {
  await writeFile(`${path}.new`, content, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
