/** The listeners' certificate, kept in its secret: from a certificate authority, or out of AWS Certificate Manager. */
import { X509Certificate } from 'node:crypto';
import { CertificateKeeper, type KeepCertificatesPorts } from '../../mail/certificate/keep-certificates.ts';
import type { CertificatePair, CertificateStore } from '../../mail/ports/certificates.ts';
import type { Log } from '../../mail/ports/log.ts';

/** Of the secret there is only one. */
const theOne = 'listeners';

/** Orders it where it is due. Rejects when that failed: the function's errors are watched. */
export function certifyByAuthority(
  ports: KeepCertificatesPorts,
  names: readonly string[],
): () => Promise<void> {
  const keeper = new CertificateKeeper(ports);
  const wanted = [{ name: theOne, names }];
  return async () => {
    await keeper.keep(wanted);
    if (keeper.failing(wanted).length > 0)
      throw new Error(`there is no new certificate for ${names.join(', ')}: see certificate.failed`);
  };
}

export interface CopyPorts {
  /** Of the certificate as it is now, lower-case hexadecimal. */
  readonly serial: () => Promise<string>;
  readonly take: () => Promise<CertificatePair>;
  readonly store: CertificateStore;
  readonly log: Log;
}

/** Takes it where it was renewed. */
export function certifyByCopy({ serial, take, store, log }: CopyPorts): () => Promise<void> {
  return async () => {
    const held = await store.read(theOne);
    if (held !== undefined && serialOf(held) === (await serial())) return;
    await store.write(theOne, await take());
    log.info('certificate.kept', { from: 'ACM' });
  };
}

function serialOf({ certificate }: CertificatePair): string {
  return new X509Certificate(certificate).serialNumber.toLowerCase().replace(/^0+(?=.)/, '');
}
