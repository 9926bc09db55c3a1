/** A secret of Secrets Manager, as text. */
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

const answerMs = 10_000;

/** Rejects with an error that names the secret and never holds it. 10,000 calls cost 0.05 USD: ask rarely. */
export async function readSecret(client: SecretsManagerClient, arn: string): Promise<string> {
  const command = new GetSecretValueCommand({ SecretId: arn });
  const { SecretString: text } = await client
    .send(command, { abortSignal: AbortSignal.timeout(answerMs) })
    .catch((fault: unknown) => {
      const why = fault instanceof Error ? `${fault.name}: ${fault.message}` : String(fault);
      throw new Error(`the secret ${arn} cannot be read: ${why}`, { cause: fault });
    });
  if (text === undefined || text === '') throw new Error(`the secret ${arn} holds no text`);
  return text;
}
