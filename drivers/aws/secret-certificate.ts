/** A certificate and its key in a secret, as JSON: `{ "certificate": "-----BEGIN …", "key": "-----BEGIN …" }`. */
import {
  PutSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { z } from 'zod';
import type { CertificateStore } from '../../mail/ports/certificates.ts';
import { readSecret } from './secret-text.ts';

const pem = z.string().regex(/^-----BEGIN /, 'must be PEM');
const writeMs = 10_000;
const schema = z.object({ certificate: pem, key: pem });

export type SecretPair = z.output<typeof schema>;

/** A source that listeners ask again for a renewed one. What is wrong is said without the key. */
export function secretCertificate({
  client,
  arn,
}: {
  readonly client: SecretsManagerClient;
  readonly arn: string;
}): { readonly name: string; read(): Promise<SecretPair> } {
  return {
    name: arn,
    async read() {
      const parsed = schema.safeParse(json(await readSecret(client, arn)));
      if (parsed.success) return parsed.data;
      const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim());
      throw new Error(`the secret ${arn} holds no certificate: ${wrong.join('; ')}`);
    },
  };
}

/** The same secret, to be filled. One that holds something else, as a new one does, holds none. */
export function secretCertificateStore({
  client,
  arn,
}: {
  readonly client: SecretsManagerClient;
  readonly arn: string;
}): CertificateStore {
  return {
    async read() {
      const text = await readSecret(client, arn).catch((fault: unknown) => {
        if (isEmpty(fault)) return '';
        throw fault;
      });
      const parsed = schema.safeParse(json(text));
      return parsed.success ? parsed.data : undefined;
    },
    async write(_name, { certificate, key }) {
      const command = new PutSecretValueCommand({
        SecretId: arn,
        SecretString: JSON.stringify({ certificate, key }),
      });
      await client.send(command, { abortSignal: AbortSignal.timeout(writeMs) }).catch((fault: unknown) => {
        const why = fault instanceof Error ? `${fault.name}: ${fault.message}` : String(fault);
        throw new Error(`the certificate could not be put into the secret ${arn}: ${why}`, { cause: fault });
      });
    },
  };
}

/** One that was made without a value. */
function isEmpty(fault: unknown): boolean {
  if (!(fault instanceof Error)) return false;
  return fault.message.endsWith('holds no text') || fault.cause instanceof ResourceNotFoundException;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
