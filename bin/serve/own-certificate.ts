/** The certificate of a server that was given none: its own, for `localhost` and its names, kept in the data directory. */
import { X509Certificate } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { signedByItself } from '../signed-by-itself.ts';

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
  const pair = await signedByItself(hostnames);
  await replaceFile(paths.key, pair.key);
  await replaceFile(paths.certificate, pair.certificate);
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
