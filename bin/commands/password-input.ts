/** A password that an admin gives: as an option, on the standard input, or not at all (then one is made). */
import { Option } from 'commander';
import { Secret } from '../../mail/auth/secret.ts';
import { CommandFailure } from '../failure.ts';

const maxBytes = 10_000;

export interface PasswordOptions {
  readonly password?: string;
  readonly passwordStdin?: boolean;
}

export function passwordOptions(): readonly Option[] {
  return [
    new Option('--password <password>', 'the password; other users of this machine may see it here'),
    new Option('--password-stdin', 'read the password from the standard input').conflicts('password'),
  ];
}

/** undefined: none was given. */
export async function readPassword(options: PasswordOptions): Promise<Secret | undefined> {
  if (options.password !== undefined) return new Secret(options.password);
  if (options.passwordStdin !== true) return undefined;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes > maxBytes) throw new CommandFailure('the standard input is too long for a password');
  }
  const text = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
  if (text === '')
    throw new CommandFailure(
      'the standard input holds no password; leave --password-stdin out to have one made',
    );
  return new Secret(text);
}
