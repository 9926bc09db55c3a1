/** The capabilities of RFC 2449 section 6 and the RFCs that add to them, in the order in which CAPA shows them. */
import type { Capability } from './capability.ts';
import { authCommand } from './commands/auth.ts';
import { langCommand } from './commands/lang.ts';
import { passCommand } from './commands/pass.ts';
import { stlsCommand } from './commands/stls.ts';
import { topCommand } from './commands/top.ts';
import { uidlCommand } from './commands/uidl.ts';
import { userCommand } from './commands/user.ts';
import { utf8Command } from './commands/utf8.ts';

export const capabilities: readonly Capability[] = [
  constant('TOP', 'RFC 2449 section 6.1', { commands: [topCommand] }),
  constant('UIDL', 'RFC 2449 section 6.8', { commands: [uidlCommand] }),
  {
    name: 'USER',
    rfcs: ['RFC 2449 section 6.2'],
    /** Only where it would be taken. */
    line: (session) => (session.passwordsAllowed ? 'USER' : undefined),
    commands: [userCommand, passCommand],
  },
  {
    name: 'SASL',
    rfcs: ['RFC 2449 section 6.3', 'RFC 5034 section 3'],
    line(session) {
      const names = session.options.mechanisms.map(({ name }) => name);
      return session.passwordsAllowed && names.length > 0 ? `SASL ${names.join(' ')}` : undefined;
    },
    commands: [authCommand],
  },
  {
    name: 'STLS',
    rfcs: ['RFC 2595 section 4'],
    line: (session) => (session.options.tlsAvailable && session.tls === undefined ? 'STLS' : undefined),
    commands: [stlsCommand],
  },
  constant('RESP-CODES', 'RFC 2449 section 6.4'),
  constant('AUTH-RESP-CODE', 'RFC 3206 section 6'),
  constant('PIPELINING', 'RFC 2449 section 6.6'),
  /** Nothing is deleted but by the client. */
  constant('EXPIRE', 'RFC 2449 section 6.7', { line: 'EXPIRE NEVER' }),
  /** Seconds between two logins. */
  constant('LOGIN-DELAY', 'RFC 2449 section 6.5', { line: 'LOGIN-DELAY 0' }),
  /** USER: names and passwords may be UTF-8. */
  constant('UTF8', 'RFC 6856 section 2', { line: 'UTF8 USER', commands: [utf8Command] }),
  constant('LANG', 'RFC 6856 section 3', { commands: [langCommand] }),
  /** Without a version, which would help only those who look for holes. */
  constant('IMPLEMENTATION', 'RFC 2449 section 6.9', { line: 'IMPLEMENTATION Posta' }),
];

/** One that every session is offered; its line is its name unless given. */
function constant(
  name: string,
  rfc: string,
  { line = name, ...more }: { readonly line?: string } & Pick<Capability, 'commands'> = {},
): Capability {
  return { name, rfcs: [rfc], line: () => line, ...more };
}
