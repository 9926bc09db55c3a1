/** STARTTLS (RFC 3501 section 6.2.1), offered until the connection is secured. */
import type { Extension } from '../extension.ts';

export const starttlsExtension: Extension = {
  name: 'STARTTLS',
  rfcs: ['RFC 3501 section 6.2.1'],
  capabilities: ({ options, tls, principal }) =>
    options.tlsAvailable && tls === undefined && principal === undefined ? ['STARTTLS'] : [],
};
