/** The password of an account: one that an admin gives, or one that is made. */
import { generatePassword } from '../auth/generated-password.ts';
import { minPasswordCharacters } from '../auth/limits.ts';
import { preparePassword } from '../auth/prepare.ts';
import type { Secret } from '../auth/secret.ts';
import type { DirectoryPorts } from './directory-ports.ts';
import { refuse, type Refused } from './refused.ts';

export interface NewPassword {
  readonly verifier: string;
  /** The password, where it was made here: to be shown once. */
  readonly generated: Secret | undefined;
}

export async function makePassword(
  ports: Pick<DirectoryPorts, 'hasher'>,
  given: Secret | undefined,
): Promise<NewPassword | Refused> {
  const password = given ?? generatePassword();
  const refused = refusePassword(password);
  if (refused !== undefined) return refused;
  return {
    verifier: await ports.hasher.hash(password),
    generated: given === undefined ? password : undefined,
  };
}

function refusePassword(password: Secret): Refused | undefined {
  const prepared = preparePassword(password.reveal());
  if (prepared === undefined)
    return refuse(
      'A password cannot be empty, longer than 1024 bytes, or have control characters.',
      'Choose another, or give none: one is made.',
    );
  if (Array.from(prepared).length < minPasswordCharacters)
    return refuse(
      `A password has at least ${minPasswordCharacters} characters.`,
      'Choose a longer one, or give none: one is made.',
    );
  return undefined;
}
