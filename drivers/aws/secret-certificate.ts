/** A certificate and its key in a secret, as JSON: `{ "certificate": "-----BEGIN …", "key": "-----BEGIN …" }`. */
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { z } from 'zod';
import { readSecret } from './secret-text.ts';

const pem = z.string().regex(/^-----BEGIN /, 'must be PEM');
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

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
