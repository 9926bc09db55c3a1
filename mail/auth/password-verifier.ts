/**
 * What is kept of a password: a text in the PHC string format that says how it was made, so that parameters can be
 * raised later and older verifiers are still understood.
 * - `$scrypt$ln=14,r=8,p=1$<salt>$<hash>` (RFC 7914; `ln` is log2 N), for passwords that people choose.
 * - `$hmac-sha256$<salt>$<hash>`, only for passwords that this program has made: with 90 random bits there is nothing to
 *   guess, and a phone that logs in every minute costs microseconds, not 35 ms.
 */

/** scrypt's cost; memory is 128 * 2^log2N * blockSize bytes. */
export interface ScryptParameters {
  readonly log2N: number;
  readonly blockSize: number;
  readonly parallelization: number;
}

/** 35 ms and 16 MB; measured at 70 a second on two cores. */
export const currentParameters: ScryptParameters = { log2N: 14, blockSize: 8, parallelization: 1 };

export type Verifier =
  | {
      readonly kind: 'scrypt';
      readonly parameters: ScryptParameters;
      readonly salt: Buffer;
      readonly hash: Buffer;
    }
  | { readonly kind: 'hmac-sha256'; readonly salt: Buffer; readonly hash: Buffer };

const scryptForm =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;
const hmacForm = /^\$hmac-sha256\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{43})$/;

/** The verifier that `text` writes, or undefined: damaged, or costlier than this program would ever make (256 MB). */
export function parseVerifier(text: string): Verifier | undefined {
  const hmac = hmacForm.exec(text);
  if (hmac !== null) return { kind: 'hmac-sha256', salt: decode(hmac[1]), hash: decode(hmac[2]) };
  const scrypt = scryptForm.exec(text);
  if (scrypt === null) return undefined;
  const [log2N = 0, blockSize = 0, parallelization = 0] = scrypt.slice(1, 4).map(Number);
  if (log2N < 1 || blockSize < 1 || parallelization < 1 || parallelization > 16) return undefined;
  if (128 * 2 ** log2N * blockSize > 2 ** 28) return undefined;
  const parameters = { log2N, blockSize, parallelization };
  return { kind: 'scrypt', parameters, salt: decode(scrypt[4]), hash: decode(scrypt[5]) };
}

/** As it is kept. */
export function formatVerifier(verifier: Verifier): string {
  const end = `${encode(verifier.salt)}$${encode(verifier.hash)}`;
  if (verifier.kind === 'hmac-sha256') return `$hmac-sha256$${end}`;
  const { log2N, blockSize, parallelization } = verifier.parameters;
  return `$scrypt$ln=${log2N},r=${blockSize},p=${parallelization}$${end}`;
}

function encode(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}

function decode(text = ''): Buffer {
  return Buffer.from(text, 'base64');
}
