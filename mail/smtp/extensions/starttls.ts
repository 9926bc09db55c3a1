/** STARTTLS (RFC 3207): offered until the connection is secured. */
import { startTlsCommand } from '../commands/starttls.ts';
import type { Extension } from '../extension.ts';

export const startTlsExtension: Extension = {
  name: 'STARTTLS',
  rfcs: ['RFC 3207'],
  keyword: (session) => (session.options.tlsAvailable && session.tls === undefined ? 'STARTTLS' : undefined),
  commands: [startTlsCommand],
};
