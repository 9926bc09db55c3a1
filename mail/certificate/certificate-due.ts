/** Whether a certificate is to be renewed. */
import { X509Certificate } from 'node:crypto';
import type { CertificatePair } from '../ports/certificates.ts';

/** Renewed when less than this part of its life is left, as certificate authorities ask for. */
const renewAtPart = 1 / 3;

/** Undefined while it is good for these names; else why it is not. */
export function whyDue(
  pair: CertificatePair | undefined,
  { names, nowMs }: { readonly names: readonly string[]; readonly nowMs: number },
): 'none' | 'unreadable' | 'names' | 'age' | undefined {
  if (pair === undefined) return 'none';
  let x509: X509Certificate;
  try {
    x509 = new X509Certificate(pair.certificate);
  } catch {
    return 'unreadable';
  }
  if (names.some((name) => x509.checkHost(name) === undefined)) return 'names';
  const [from, to] = [x509.validFromDate.getTime(), x509.validToDate.getTime()];
  return to - nowMs < (to - from) * renewAtPart ? 'age' : undefined;
}
