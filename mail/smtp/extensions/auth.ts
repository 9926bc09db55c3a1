/** AUTH (RFC 4954): offered to users, who submit, and only where a password may be sent. */
import { authCommand } from '../commands/auth.ts';
import { refuse, set, type Extension } from '../extension.ts';
import { allows } from '../oddities.ts';
import { replies } from '../reply.ts';
import { parseMailbox } from '../syntax/mailbox.ts';
import { decodeXtext } from '../syntax/xtext.ts';

export const authExtension: Extension = {
  name: 'AUTH',
  rfcs: ['RFC 4954'],
  keyword(session) {
    const { role, mechanisms } = session.options;
    if (role !== 'msa' || !session.passwordsAllowed || mechanisms.length === 0) return undefined;
    return `AUTH ${mechanisms.map(({ name }) => name).join(' ')}`;
  },
  mailParameters: {
    /**
     * Who submitted the message first (section 5). Only a trusted relay could vouch for it, and none is: it is
     * checked, and treated as `AUTH=<>`.
     */
    AUTH(value) {
      const submitter = value === undefined ? undefined : decodeXtext(value);
      if (submitter === '<>') return set({});
      const bracketed = allows('authInBrackets') ? /^<(.+)>$/.exec(submitter ?? '')?.[1] : undefined;
      const mailbox = submitter === undefined ? undefined : parseMailbox(bracketed ?? submitter);
      if (mailbox?.kind === 'ok' && mailbox.rest === '') return set({});
      return refuse(replies.badArguments('AUTH is an address in xtext, or <>'));
    },
  },
  commands: [authCommand],
};
