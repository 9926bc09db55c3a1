/** Certificates in a folder, a file each: the key first, then the chain, in PEM. */
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { CertificatePair, CertificateStore } from '../../mail/ports/certificates.ts';

export class CertificateFolder implements CertificateStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async read(name: string): Promise<CertificatePair | undefined> {
    const text = await readText(this.#path(name));
    const at = text?.indexOf('-----BEGIN CERTIFICATE-----') ?? -1;
    return text === undefined || at < 0 ? undefined : { key: text.slice(0, at), certificate: text.slice(at) };
  }

  async write(name: string, { certificate, key }: CertificatePair): Promise<void> {
    await this.#replace(this.#path(name), `${key.trimEnd()}\n${certificate.trimEnd()}\n`);
  }

  /** The account's key of a certificate authority, made once. */
  async accountKey(make: () => Promise<string>): Promise<string> {
    const path = join(this.#folder, 'account.key');
    const known = await readText(path);
    if (known !== undefined) return known;
    const made = await make();
    await this.#replace(path, made);
    return made;
  }

  /** A name is a domain: its characters do not lead out of the folder. */
  #path(name: string): string {
    if (!/^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/.test(name))
      throw new Error(`${name} is no name of a certificate`);
    return join(this.#folder, `${name}.pem`);
  }

  async #replace(path: string, text: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const file = await open(`${path}.new`, 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault && fault.code === 'ENOENT') return undefined;
    throw fault;
  }
}
