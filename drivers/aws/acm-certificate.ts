/** An exportable certificate of AWS Certificate Manager, taken out with its key. */
import { createPrivateKey, randomBytes } from 'node:crypto';
import { DescribeCertificateCommand, ExportCertificateCommand, type ACMClient } from '@aws-sdk/client-acm';
import type { CertificatePair } from '../../mail/ports/certificates.ts';

export interface AcmCertificateOptions {
  readonly client: ACMClient;
  readonly arn: string;
}

const answerMs = 20_000;

/** Lower-case hexadecimal, without leading zeros: changes when ACM has renewed it. */
export async function acmSerial({ client, arn }: AcmCertificateOptions): Promise<string> {
  const command = new DescribeCertificateCommand({ CertificateArn: arn });
  const { Certificate } = await client.send(command, { abortSignal: AbortSignal.timeout(answerMs) });
  if (Certificate?.Status !== 'ISSUED' || Certificate.Serial === undefined)
    throw new Error(`the certificate ${arn} is ${Certificate?.Status ?? 'not there'}: it must be issued`);
  return plainSerial(Certificate.Serial);
}

/** Rejects where the certificate is not exportable. */
export async function exportAcmCertificate({ client, arn }: AcmCertificateOptions): Promise<CertificatePair> {
  const passphrase = randomBytes(24).toString('base64url');
  const command = new ExportCertificateCommand({ CertificateArn: arn, Passphrase: Buffer.from(passphrase) });
  const exported = await client.send(command, { abortSignal: AbortSignal.timeout(answerMs) });
  const { Certificate = '', CertificateChain = '', PrivateKey = '' } = exported;
  const key = createPrivateKey({ key: PrivateKey, passphrase });
  return {
    certificate: `${Certificate.trim()}\n${CertificateChain.trim()}\n`,
    key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** ACM writes `0a:1b`, Node `0A1B`. */
export function plainSerial(serial: string): string {
  return serial
    .replaceAll(':', '')
    .toLowerCase()
    .replace(/^0+(?=.)/, '');
}
