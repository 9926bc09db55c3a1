/** SMTPUTF8 (RFC 6531): addresses and header fields in UTF-8. */
import { refuse, set, type Extension } from '../extension.ts';
import { replies } from '../reply.ts';

export const smtpUtf8Extension: Extension = {
  name: 'SMTPUTF8',
  rfcs: ['RFC 6531'],
  keyword: () => 'SMTPUTF8',
  mailParameters: {
    SMTPUTF8: (value) =>
      value === undefined ? set({ smtpUtf8: true }) : refuse(replies.badArguments('SMTPUTF8 takes no value')),
  },
};
