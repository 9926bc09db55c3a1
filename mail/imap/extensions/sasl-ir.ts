/** SASL-IR (RFC 4959): AUTHENTICATE with an initial response. `../commands/authenticate.ts` reads it. */
import type { Extension } from '../extension.ts';

export const saslIrExtension: Extension = {
  name: 'SASL-IR',
  rfcs: ['RFC 4959'],
  capabilities: ({ principal }) => (principal === undefined ? ['SASL-IR'] : []),
};
