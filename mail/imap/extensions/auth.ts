/** AUTH=… and LOGINDISABLED (RFC 3501 section 6.2): what a client may log in with, as things stand. */
import type { Extension } from '../extension.ts';

export const authExtension: Extension = {
  name: 'AUTH=',
  rfcs: ['RFC 3501 sections 6.2.2, 6.2.3'],
  capabilities({ options, passwordsAllowed, principal }) {
    if (principal !== undefined) return [];
    if (!passwordsAllowed) return ['LOGINDISABLED'];
    return options.mechanisms.map(({ name }) => `AUTH=${name}`);
  },
};
