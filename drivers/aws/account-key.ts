/** The key of the account at a certificate authority, in Parameter Store, encrypted. */
import {
  GetParameterCommand,
  ParameterNotFound,
  PutParameterCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';

/** Made where there is none. */
export async function accountKeyParameter(
  { client, name }: { readonly client: SSMClient; readonly name: string },
  make: () => Promise<string>,
): Promise<string> {
  try {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
    if (Parameter?.Value !== undefined) return Parameter.Value;
  } catch (fault) {
    if (!(fault instanceof ParameterNotFound)) throw fault;
  }
  const made = await make();
  await client.send(
    new PutParameterCommand({
      Name: name,
      Type: 'SecureString',
      Value: made,
      Description: 'Posta: the key of its account at the certificate authority',
    }),
  );
  return made;
}
