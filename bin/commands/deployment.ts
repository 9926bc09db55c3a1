/** The same commands carried out by a deployment in AWS: its admin function does what is done here on a data directory. */
import { Secret } from '../../mail/auth/secret.ts';
import { CommandFailure } from '../failure.ts';
import { whileWaiting } from '../while-waiting.ts';

/** The command's result, or its refusal; throws `CommandFailure` where the deployment cannot be asked. */
export async function askDeployment(
  stage: string,
  command: { readonly called: string },
  input: unknown,
): Promise<unknown> {
  // Loaded only where it is used: a command on a data directory starts quicker without.
  const { LambdaClient } = await import('@aws-sdk/client-lambda');
  const { AdminNotAsked, askAdmin } = await import('../../drivers/aws/ask-admin.ts');
  // Once: what broke off may have been done, and a second time would be refused, with the password of the first lost.
  const client = new LambdaClient({ maxAttempts: 1 });
  try {
    const event = { command: command.called, input: revealed(input) };
    const result = await whileWaiting(`asking ${stage}`, () => askAdmin({ client, stage }, event));
    return withSecret(result);
  } catch (fault) {
    if (fault instanceof AdminNotAsked) throw new CommandFailure(fault.message);
    throw fault;
  } finally {
    client.destroy();
  }
}

/** A password goes with the event, over TLS, and stands in no log. */
function revealed(input: unknown): unknown {
  if (typeof input !== 'object' || input === null) return input;
  return Object.fromEntries(
    Object.entries(input).map(([name, value]: [string, unknown]) => [
      name,
      value instanceof Secret ? value.reveal() : value,
    ]),
  );
}

/** One that was made is a secret again until it is shown. */
function withSecret(result: unknown): unknown {
  if (typeof result !== 'object' || result === null || !('password' in result)) return result;
  return typeof result.password === 'string' ? { ...result, password: new Secret(result.password) } : result;
}
